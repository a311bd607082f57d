import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { pino } from 'pino';
import sharp from 'sharp';
import { z } from 'zod';
import { ImageService } from '../../core/images/service.ts';
import type { GuestDatabase, GuestPortraits } from '../../core/plugin/face-services.ts';
import type { GuestCamera } from '../../core/plugin/services.ts';
import { catalog, usableModels } from '../../models/install.ts';
import { asset } from '../../tests/kit/assets.ts';
import { until } from '../../tests/kit/wait.ts';
import { makeScenes } from './fixture.ts';
import { readPeople } from './people.ts';
import { DemoSite } from './site.ts';
import type { State } from './state.ts';

const SHIPPED = join(import.meta.dirname, 'scenes');
const LISTED = [
  { picture: 'ada.jpg', name: 'Ada', gender: 'female', age: 36, list: 'staff' },
  { picture: 'ben.jpg', name: 'Ben', gender: 'male', age: 50, list: 'watch' },
];

let scenes: ReturnType<typeof makeScenes>;
before(() => {
  scenes = makeScenes(['lobby', 'gate']);
  mkdirSync(join(scenes.folder, 'people'));
  writeFileSync(join(scenes.folder, 'people/people.json'), JSON.stringify(LISTED));
  writeFileSync(join(scenes.folder, 'people/ada.jpg'), 'ada');
});
after(() => scenes.remove());

/** A box around the demo whose portraits are kept in memory. */
class Box {
  stored: State | undefined;
  shown: readonly GuestCamera[] = [];
  real: string[] = [];
  there: readonly GuestDatabase[] = [];
  bringings = 0;
  fault: Error | undefined;
  portraits: GuestPortraits | undefined = this.keeper();
  readonly log: string[] = [];

  /** A plugin that keeps portraits; another object is the same one started anew. */
  keeper(): GuestPortraits {
    return {
      bring: async (_, databases) => {
        this.bringings += 1;
        assert.equal(this.stored?.people, true, 'that they may be there is on the disk before they are');
        if (this.fault) throw this.fault;
        this.there = databases;
        return databases.map((_one, i) => 41 + i);
      },
      remove: async () => {
        if (this.fault) throw this.fault;
        const pictures = this.there.flatMap(({ people }) => people).length;
        this.there = [];
        return pictures;
      },
    };
  }

  site(t: TestContext): DemoSite {
    const say = (_: object, text: string) => void this.log.push(text);
    const site = new DemoSite({
      folder: scenes.folder,
      interpreter: '/nonexistent/python3',
      wanted: true,
      firstStart: false,
      cameras: { list: () => this.real.map((name) => ({ name }) as never), get: () => undefined },
      guests: {
        show: (cameras) => {
          this.shown = cameras;
        },
        channels: () => new Map(this.shown.map(({ key }, i) => [key, 32 - i])),
      },
      archive: () => ({
        count: async () => 0,
        erase: async () => 5,
        eraseOf: async () => ({ captures: 0, messages: 0, exports: 0 }),
      }),
      alarms: () => undefined,
      portraits: () => this.portraits,
      stored: () => this.stored,
      store: async (state) => {
        this.stored = structuredClone(state);
      },
      now: () => 7,
      log: { info: say, warn: say },
      changed: () => {},
    });
    t.after(() => site.stop());
    return site;
  }

  bound(): (number[] | undefined)[] {
    return this.shown.map(({ libraryIds }) => libraryIds);
  }
}

test('the scenes come with their people, and are compared with them', async (t) => {
  const box = new Box();
  const site = box.site(t);
  await site.open();
  assert.ok(box.shown.length > 0);
  assert.deepEqual(new Set(box.bound().map(String)), new Set(['41,42']));
  assert.deepEqual(
    box.there.map(({ type, name, people }) => [
      type,
      name,
      people.map((one) => [one.key, one.name, one.gender, one.age]),
    ]),
    [
      [2, 'Demo staff', [['ada', 'Ada', 'female', 36]]],
      [1, 'Demo watch list', [['ben', 'Ben', 'male', 50]]],
    ],
  );
  const [ada, ben] = box.there.flatMap(({ people }) => people);
  assert.equal(Buffer.from((await ada?.picture()) ?? []).toString(), 'ada');
  await assert.rejects(async () => ben?.picture());
  await site.start(['gate']);
  assert.deepEqual([box.bringings, box.bound()], [1, [[41, 42]]], 'another choice of scenes brings nobody anew');
});

test('the scenes are compared with whom somebody chose, until the demo is left', async (t) => {
  const box = new Box();
  const site = box.site(t);
  await site.open();
  await site.compare([7]);
  assert.deepEqual([box.stored?.databases, new Set(box.bound().map(String))], [[7], new Set(['7'])]);
  await site.halt();
  assert.deepEqual(box.shown, []);
  await site.start(['gate']);
  assert.deepEqual(box.bound(), [[7]]);
  await site.compare(undefined);
  assert.deepEqual([box.stored?.databases, box.bound()], [undefined, [[41, 42]]]);
  await site.compare([]);
  assert.deepEqual(box.bound(), [[]], 'with nobody, too');
  await site.leave();
  await site.start(['gate']);
  assert.deepEqual(box.bound(), [[41, 42]]);
});

test('stopped or stepped aside it leaves them where they are; left it takes them away', async (t) => {
  const box = new Box();
  const site = box.site(t);
  await site.open();
  await site.halt();
  await site.start();
  box.real = ['Gate'];
  await site.beside(false);
  assert.deepEqual([box.stored?.mode, box.there.length], ['aside', 2]);
  assert.deepEqual(await site.leave(), { cameras: 0, captures: 5, people: 2, complete: true });
  assert.deepEqual([box.there, box.stored?.people], [[], undefined]);
  box.real = [];
  await site.start();
  assert.deepEqual([box.there.length, box.bound()[0]], [2, [41, 42]]);
});

test('what could not be taken away goes with the next start', async (t) => {
  const box = new Box();
  const first = box.site(t);
  await first.open();
  const { portraits } = box;
  box.portraits = undefined;
  assert.equal((await first.leave()).complete, false);
  assert.deepEqual([box.stored?.erasing, box.stored?.people, box.there.length], [true, true, 2]);
  await assert.rejects(first.start(), /still being removed: no plugin keeps portraits/);
  await first.stop();
  box.portraits = portraits;
  await box.site(t).open();
  await until('the databases to go', () => box.there.length === 0);
  await until('that to be noted', () => box.stored?.erasing === false && box.stored.people === undefined);
});

test('where nobody keeps portraits the demo runs without, and can be left', async (t) => {
  const box = new Box();
  box.portraits = undefined;
  const site = box.site(t);
  await site.open();
  assert.deepEqual(new Set(box.bound().map(String)), new Set(['']));
  const cameras = box.shown.length;
  assert.deepEqual(await site.leave(), { cameras, captures: 5, people: 0, complete: true });
});

test('a plugin that comes later, or is started anew, is asked once a capture comes', async (t) => {
  const box = new Box();
  const { portraits } = box;
  box.portraits = undefined;
  const site = box.site(t);
  await site.open();
  site.recorded();
  box.portraits = portraits;
  site.recorded();
  await until('the scenes to be bound', () => box.bound()[0]?.length === 2);
  site.recorded();
  box.portraits = box.keeper();
  box.fault = new Error('the disk is full');
  site.recorded();
  site.recorded();
  await until('it to be tried', () => box.log.some((line) => /could not be made yet/.test(line)));
  site.recorded();
  await site.beside(false);
  assert.deepEqual(box.bound()[0], [41, 42], 'what was known of them stays');
});

test('a list that is wrong is named, and the scenes run', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-people-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  assert.deepEqual(await readPeople(folder), []);
  mkdirSync(join(folder, 'people'));
  const file = join(folder, 'people/people.json');
  for (const [text, fault] of [
    ['{', /the list of people is wrong/],
    [JSON.stringify([{ ...LISTED[0], picture: '../../../etc/passwd' }]), /0\.picture/],
    [JSON.stringify([{ ...LISTED[0], list: 'friends' }]), /0\.list/],
    [JSON.stringify(Array(51).fill(LISTED[0])), /the list of people is wrong/],
    [`"${'x'.repeat(2 ** 20)}"`, /no file of up to 1 MiB/],
  ] as const) {
    writeFileSync(file, text);
    await assert.rejects(readPeople(folder), fault);
  }
});

test('who comes into the lobby: mostly staff, one of the watch list, and at least two whom nobody knows', async () => {
  const entry = z.array(z.object({ identity: z.string(), list: z.string(), picture: z.string() }));
  const listed = entry.parse(JSON.parse(readFileSync(join(SHIPPED, 'people/people.json'), 'utf8')));
  const truth = z.object({ actors: z.array(z.object({ person: z.string() })) });
  const { actors } = truth.parse(JSON.parse(readFileSync(join(SHIPPED, 'lobby.json'), 'utf8')));
  const lists = actors.map(({ person }) => listed.find(({ identity }) => identity === person)?.list ?? 'nobody');
  const count = (list: string) => lists.filter((one) => one === list).length;
  assert.equal(count('watch'), 1);
  assert.ok(count('nobody') >= 2 && count('staff') > count('nobody'), lists.join());

  const databases = await readPeople(SHIPPED);
  const people = databases.flatMap((one) => one.people);
  assert.equal(people.length, listed.length);
  for (const { picture } of people) {
    const jpeg = await picture();
    const { format, width, height } = await sharp(jpeg).metadata();
    assert.deepEqual([format, width, height], ['jpeg', 300, 360]);
    assert.ok(jpeg.length < 20_000, `${jpeg.length} bytes`);
  }
});

const DETECTOR = 'yunet-2023mar';

for (const { by, installed } of [
  { by: 'the detector of the demo', installed: false },
  { by: 'that of real cameras', installed: true },
]) {
  test(`their pictures are without fault, found by ${by}`, async (t) => {
    const { models } = await usableModels('/nowhere');
    if (installed) {
      const file = asset(t, 'models', 'face_detection_yunet_2023mar.onnx');
      if (!file) return;
      models.unshift({ ...catalog().find(({ id }) => id === DETECTOR)!, file });
    }
    const service = new ImageService({
      models: { models, faults: [], onChange: () => () => {} },
      log: pino({ level: 'silent' }),
    });
    t.after(() => service.stop());
    service.start();
    for (const { people } of await readPeople(SHIPPED)) {
      for (const { key, picture } of people) {
        const { faces } = await service.examine(await picture());
        assert.equal(faces.length, 1, key);
        const { score, faults } = faces[0]!.quality;
        assert.deepEqual(faults, [], key);
        assert.ok(score >= 75, `${key}: ${score}`);
      }
    }
  });
}
