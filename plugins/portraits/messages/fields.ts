import { z } from 'zod';
import { instantToLocal } from '../../../core/clock.ts';
import { CODE, ContractError } from '../../../core/gateway/errors.ts';
import { given, int, text } from '../../../core/gateway/lenient.ts';
import type { Call, Clock } from '../../../core/plugin/contract.ts';
import type { Exports } from '../../../core/plugin/export-services.ts';
import type { Batches } from '../batches.ts';
import type { Comparison } from '../comparison.ts';
import { STRANGERS } from '../databases.ts';
import type { Library } from '../library.ts';
import { masked } from '../person.ts';
import type { PersonFields, Portrait } from '../shapes.ts';

/** What the messages about people share: their fields as they come in and go out. */

export const SEE = { area: 'people', action: 'see' } as const;
export const SEE_PICTURES = { area: 'people', action: 'see', images: true } as const;
export const CHANGE = { area: 'people', action: 'change' } as const;

export interface MessageParts {
  library: Library;
  batches: Batches;
  comparison: Comparison;
  clock: Pick<Clock, 'now' | 'steady' | 'zone'>;
  /** What pictures of clients must satisfy. */
  quality(): 'low' | 'high';
  /** Undefined while nobody makes files for download. */
  exports(): Exports | undefined;
  /** Something went wrong that the client is told of only in part. */
  failed(error: unknown, what: string): void;
}

export const libId = int({ min: 0, max: STRANGERS });
/** Of somebody who is there: what cannot be is simply not found. */
export const imgId = text({ min: 1, max: 200 });

export const personFields = {
  person_idcard: given(text()),
  person_name: given(text()),
  person_gender: given(text()),
  person_age: given(text()),
  person_addr: given(text()),
};

type SentPerson = { [K in keyof typeof personFields]?: string | undefined };

/**
 * What was given of a person. An empty text is not given, as everywhere in the interface; a `#` alone is nothing, as in
 * the names of a batch's files, so that a client can take back an identity number or an address.
 */
export function personOf(sent: SentPerson): Partial<PersonFields> {
  const {
    person_name: name,
    person_gender: gender,
    person_age: age,
    person_idcard: idcard,
    person_addr: address,
  } = sent;
  const given = Object.entries({ name, gender, age, idcard, address }).flatMap(([field, value]) =>
    value === undefined ? [] : [[field, value.trim() === '#' ? '' : value] as const],
  );
  return Object.fromEntries(given);
}

/** More than the largest body. */
const LONGEST_DATA = 100_000_000;

/** A picture as `{filename, data}`, `data` base64 with or without `data:…;base64,`; the data alone is taken as well. */
export const base64Picture = z.preprocess(
  (value) => (typeof value === 'string' ? { data: value } : value),
  z.object({ filename: given(text()), data: z.string().max(LONGEST_DATA) }),
);

/** @throws ContractError -1104 */
export function bytesOfBase64(data: string): Uint8Array {
  const text = data.slice(data.startsWith('data:') ? data.indexOf(',') + 1 : 0);
  // Otherwise passed over silently.
  if (/[^A-Za-z0-9+/=_\s-]/.test(text)) throw new ContractError(CODE.damagedImage, 'the data is not base64');
  return Buffer.from(text, 'base64');
}

/** A file of a form. @throws ContractError -3596 where it is missing */
export function fileOf(call: Call, name: string): Uint8Array {
  const file = call.files.get(name);
  if (!file) throw new ContractError(CODE.wrongParameter, `${name}: the file is missing`, '', name);
  return file.bytes;
}

/** A person as lists show it: what is sensitive is masked. */
export function personRow(portrait: Portrait, zone: string) {
  return {
    create_time: instantToLocal(portrait.createTime, zone),
    img_id: portrait.imgId,
    img_path: portrait.imgPath,
    lib_id: portrait.libId,
    person_addr: masked(portrait.hasAddress),
    person_age: portrait.age,
    person_gender: portrait.gender,
    person_idcard: masked(portrait.hasIdcard),
    person_name: portrait.name,
  };
}
