import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { capturePush } from '../../core/events/push-body.ts';
import { asset } from '../../tests/kit/assets.ts';
import { startPlugin } from './fixture.ts';
import type { Page } from './rows.fixture.ts';
import { captures } from './tables.ts';

/** What describers say, on its way from the worker's capture to clients and pages. */

const SAID = {
  attributes: { st_age: 'st_adult', st_hat: 'st_hat' },
  aliveType: 1,
  describedBy: ['m-1', 'm-2'],
} as const;

test('what the worker found out stands in the record; enrichers add to it and may know better', async (t) => {
  const box = await startPlugin(t);
  box.observe({ ...SAID, attributes: { ...SAID.attributes }, describedBy: [...SAID.describedBy], status: 'smoking' });
  await box.untilRecorded(1);
  const [first] = box.recorded;
  assert.deepEqual([first?.attributes, first?.aliveType, first?.describedBy], [SAID.attributes, 1, SAID.describedBy]);
  const [stored] = box.store.read.select().from(captures).all();
  assert.deepEqual(
    [stored?.attributes, stored?.aliveType, stored?.describedBy],
    [SAID.attributes, 1, SAID.describedBy],
  );
  const view = await box.call<{ describedBy: string[]; aliveType: number }>('GET', `/captures/${first!.id}`);
  assert.deepEqual([view.describedBy, view.aliveType], [SAID.describedBy, 1]);

  const asked: unknown[] = [];
  const enricher = { id: 'better', kinds: ['face' as const], deadline: 1_000 };
  box.enrichers.register({
    ...enricher,
    enrich: async (capture) => {
      asked.push(capture.attributes);
      return { attributes: { st_age: 'st_old', glass_style: 'sunglasses' }, aliveType: 2 as const };
    },
  });
  box.observe({ attributes: { ...SAID.attributes }, aliveType: 1 });
  await box.untilRecorded(2);
  assert.deepEqual(asked, [SAID.attributes]);
  const second = box.recorded[1];
  assert.deepEqual(second?.attributes, { st_age: 'st_old', st_hat: 'st_hat', glass_style: 'sunglasses' });
  assert.deepEqual([second?.aliveType, second?.describedBy], [2, []]);
});

test('an enricher that does not know whether somebody is alive leaves what the worker said', async (t) => {
  const box = await startPlugin(t);
  box.enrichers.register({ id: 'blind', kinds: ['face'], deadline: 1_000, enrich: async () => ({ aliveType: 0 }) });
  box.observe({ aliveType: 2 });
  await box.untilRecorded(1);
  assert.equal(box.recorded[0]?.aliveType, 2);
});

interface Appendix {
  attributes: Record<string, { values: { value: string }[]; also_named?: string[] }>;
}

async function appendices(t: TestContext): Promise<{ face: Appendix; body: Appendix } | undefined> {
  const file = asset(t, 'reference', 'interface', 'contract.json');
  if (!file) return undefined;
  const { enums } = JSON.parse(await readFile(file, 'utf8')) as {
    enums: { face_attributes: Appendix; body_attributes: Appendix };
  };
  return { face: enums.face_attributes, body: enums.body_attributes };
}

for (const kind of ['face', 'body'] as const) {
  test(`everything the interface knows of a ${kind} arrives under its own name, in lists and pushes`, async (t) => {
    const known = (await appendices(t))?.[kind];
    if (!known) return;
    const names = Object.entries(known.attributes);
    const attributes = Object.fromEntries(names.map(([name, { values }]) => [name, values[0]?.value ?? '26.000000']));
    const wire = { ...attributes };
    for (const [name, { also_named = [] }] of names) for (const other of also_named) wire[other] = attributes[name]!;
    const box = await startPlugin(t);
    box.observe({ kind, attributes, aliveType: 2 });
    await box.untilRecorded(1);
    const push: Record<string, unknown> = capturePush(box.recorded[0]!, { deviceId: 'd', zone: 'UTC' });
    assert.deepEqual(push[`${kind}_attr`], wire);
    assert.deepEqual(push[kind === 'face' ? 'body_attr' : 'face_attr'], {});
    assert.deepEqual([push['alive_type'], push['obj_label']], [2, kind === 'face' ? 1 : 2]);
    const { data } = await box.send<Page>(kind === 'face' ? 1037 : 1046);
    assert.deepEqual(data.record[0]?.[`${kind}_attr`], wire);
    assert.equal(data.record[0]?.['alive_type'], kind === 'face' ? 2 : undefined);
  });

  test(`pages have words for everything the interface knows of a ${kind}, in both languages`, async (t) => {
    const known = (await appendices(t))?.[kind];
    if (!known) return;
    for (const language of ['en', 'zh']) {
      const file = new URL(`./ui/locales/${language}.json`, import.meta.url);
      const words = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
      const without: string[] = Object.entries(known.attributes).flatMap(([name, { values, also_named = [] }]) =>
        [name, ...also_named]
          .map((one) => `attribute.${one}`)
          .concat(values.map(({ value }) => `value.${value}`))
          .filter((key) => !words[key]),
      );
      assert.deepEqual(without, [], language);
    }
  });
}

test('nothing known is nothing said', async (t) => {
  const box = await startPlugin(t);
  box.observe();
  await box.untilRecorded(1);
  const push: Record<string, unknown> = capturePush(box.recorded[0]!, { deviceId: 'd', zone: 'UTC' });
  assert.deepEqual([push['alive_type'], push['face_attr'], push['body_attr']], [0, {}, {}]);
  const { data } = await box.send<Page>(1037);
  assert.deepEqual([data.record[0]?.['alive_type'], data.record[0]?.['face_attr']], [0, {}]);
});
