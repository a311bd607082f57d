import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { TestContext } from 'node:test';
import { asset } from './assets.ts';

/** What the interface says of its pushes, for tests that hold what goes out against it. */

interface Field {
  name: string;
  type: string;
  aliases?: string[];
}

type Form = 'face_body' | 'vehicle';

export interface PushContract {
  /** Names beside `data`, where the contract lists them. */
  envelope: string[];
  fields: Field[];
}

interface Contract {
  interfaces: {
    msg_id: string;
    variants?: Record<Form, { response: { envelope?: Field[]; fields: Field[] } }>;
  }[];
  appendix_f: { http_receiver: { keys_required_774: string[] }; ws_receiver: { keys_required_777: string[] } };
}

/** Fields of both forms of a push, and what the sample receivers demand; undefined, and the test skipped, without the contract. */
export async function pushContract(
  t: TestContext,
  message: '774' | '777',
): Promise<{ forms: Record<Form, PushContract>; required: string[] } | undefined> {
  const file = asset(t, 'reference', 'interface', 'contract.json');
  if (!file) return undefined;
  const { interfaces, appendix_f } = JSON.parse(await readFile(file, 'utf8')) as Contract;
  const variants = interfaces.find(({ msg_id }) => msg_id === message)!.variants!;
  const form = ({ response: { envelope = [], fields } }: (typeof variants)[Form]): PushContract => ({
    envelope: envelope.map(({ name }) => name),
    fields,
  });
  return {
    forms: { face_body: form(variants.face_body), vehicle: form(variants.vehicle) },
    required: message === '774' ? appendix_f.http_receiver.keys_required_774 : appendix_f.ws_receiver.keys_required_777,
  };
}

/** Where something lies in the whole frame: more than the contract lists. */
const IN_FRAME = ['ora_pos_left', 'ora_pos_top', 'ora_pos_right', 'ora_pos_bottom'];

/** Fails unless `data` has all of these fields, and what receivers demand, each of its type, and nothing else. */
export function assertPush(data: Record<string, unknown>, fields: readonly Field[], required: readonly string[]): void {
  const names = new Set([...fields.flatMap(({ name, aliases = [] }) => [name, ...aliases]), ...required, ...IN_FRAME]);
  assert.deepEqual(Object.keys(data).sort(), [...names].sort());
  for (const { name, type } of [...fields, ...IN_FRAME.map((one) => ({ name: one, type: 'int' }))]) {
    const value = data[name];
    // Clients tell "no picture" by the number.
    const fits = name === 'img' ? value === -1 : type === 'int' ? Number.isInteger(value) : typeof value === type;
    assert.ok(fits, `${name} is no ${type}: ${String(value)}`);
  }
  for (const name of required) assert.ok(name in data, name);
}
