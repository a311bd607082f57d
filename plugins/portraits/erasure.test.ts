import assert from 'node:assert/strict';
import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { eq, sql } from 'drizzle-orm';
import { pino } from 'pino';
import { openStore } from '../../core/store/database.ts';
import { filesBelow, temporaryFolder, until } from '../../core/store/fixture.ts';
import { MemoryCaptures, roomsOf, startPlugin, type TestPlugin } from './fixture.ts';
import { receiptInTime, receiptWords } from './receipts.ts';
import type { Receipt } from './shapes.ts';
import { sketch } from './stand-ins.fixture.ts';
import { portraitDatabases, portraitEmbeddings, portraitErasures, portraitImages } from './tables.ts';

/** That nothing of somebody who is erased stays. */

/** The rooms with all that others keep of people. */
function roomsWithOthers(box: TestPlugin) {
  return roomsOf(box, {
    captures: () => box.use.captures as never,
    alarms: () => box.use.alarmArchive as never,
    outbox: () => box.use.outbox as never,
    exports: () => box.use.exports,
    erased: (library, imageIds) => box.erased.push({ library, imageIds, keys: [] }),
  });
}

async function filled(t: Parameters<typeof startPlugin>[0]) {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  for (const who of ['a', 'b']) await box.send(1029, { lib_id, img_id: who }, { img: sketch([who]) });
  box.use.captures!.kept = [`${lib_id}/a`, `${lib_id}/a`, `${lib_id}/b`, '9/a'];
  return { box, lib_id };
}

const count = (box: TestPlugin, table: typeof portraitImages | typeof portraitEmbeddings | typeof portraitErasures) =>
  box.store.read.select().from(table).all().length;

/** A capture of somebody who is enrolled now. */
function captureOf(box: TestPlugin, imgId: string): string {
  const image = box.store.read.select().from(portraitImages).where(eq(portraitImages.imgId, imgId)).get();
  assert.ok(image);
  return `${image.libId}/${imgId} of ${image.imgPath}`;
}

const NOTHING_GONE: Receipt = {
  ...{ pictures: 0, embeddings: 0, captures: 0, alarms: 0, messages: 0, exports: 0 },
  unfinished: false,
};

test('row, picture, embeddings, index, captures, alarms, messages and exports go, and a receipt says how many', async (t) => {
  const { box, lib_id } = await filled(t);
  await box.send(1038, { lib_id });
  await box.send(1041, { lib_id, img_ids: 'b' });
  const [a, b] = [`${lib_id}/a`, `${lib_id}/b`];
  box.use.alarmArchive!.kept = [[a], [b]];
  box.use.outbox!.kept = [[a], [b], ['capture/1', a], ['capture/2', a, b]];
  box.remarks.length = 0;
  await box.send(1031, { lib_id, img_id: 'a' });
  assert.equal(
    box.remarks.at(-1),
    '1 pictures, 1 embeddings, 2 captures, 1 alarms, 3 messages, 1 exports erased',
    'though others hear of it, too, and let go of the same',
  );
  assert.deepEqual([box.use.alarmArchive!.kept, box.use.outbox!.kept], [[[b]], [[b]]]);
  assert.deepEqual(box.erased, [{ library: lib_id, imageIds: ['a'], keys: [`${lib_id}/a`] }]);
  assert.deepEqual(box.use.captures!.kept, [`${lib_id}/b`, '9/a']);
  assert.equal(box.use.exports!.archives.size, 1);
  assert.equal(box.index.faces.length, 1);
  assert.deepEqual([count(box, portraitImages), count(box, portraitEmbeddings)], [1, 1]);
  await box.store.blobs.idle();
  assert.equal((await filesBelow(box.folder, 'facebase')).length, 1);
});

test('what is seen of somebody just before is looked for once more after', async (t) => {
  const { box, lib_id } = await filled(t);
  const { erasure } = roomsWithOthers(box);
  await box.send(1044, { lib_id, img_ids: 'a,b' });
  // Somebody comes back under the same id, and is seen again with reason.
  await box.send(1029, { lib_id, img_id: 'b' }, { img: sketch(['b']) });
  const again = captureOf(box, 'b');
  box.use.captures!.kept.push(`${lib_id}/a`, again);
  await erasure.sweep();
  assert.deepEqual(box.use.captures!.kept, ['9/a', `${lib_id}/a`, again], 'not yet');
  box.clock.time += 61_000;
  await erasure.sweep();
  assert.deepEqual(box.use.captures!.kept, ['9/a', again]);
  assert.deepEqual(box.erased.at(-1)?.imageIds, ['a']);
  assert.equal(count(box, portraitErasures), 0);
});

test('the capture somebody was enrolled from is looked for once more, too', async (t) => {
  const { box, lib_id } = await filled(t);
  const { erasure, library } = roomsWithOthers(box);
  const capture = 'record/channel1/face/1_1.jpg';
  const person = { name: 'C', gender: '', age: '', idcard: '', address: '' };
  const taken = { libId: lib_id, imgId: 'c', picture: sketch(['c']), takenFrom: capture, person };
  await library.enrol({ ...taken, quality: 'low' });
  box.use.captures!.broken = true;
  box.use.captures!.kept = [capture, `${lib_id}/b`];
  assert.equal((await library.remove(lib_id, ['c'])).unfinished, true);
  box.use.captures!.broken = false;
  box.clock.time += 61_000;
  await erasure.sweep();
  assert.deepEqual(box.use.captures!.kept, [`${lib_id}/b`]);
});

test('whoever gets the id of somebody erased does not keep what is left of them, nor loses what is theirs', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  const { erasure, library } = roomsWithOthers(box);
  const archive = box.use.captures!;
  const person = { name: 'C', gender: '', age: '', idcard: '', address: '' };
  const enrol = (who: string) => {
    const takenFrom = `record/channel1/face/1_${who}.jpg`;
    archive.kept.push(takenFrom);
    return library.enrol({ libId: lib_id, imgId: 'c', picture: sketch([who]), takenFrom, person, quality: 'low' });
  };
  archive.broken = true;
  for (const who of ['first', 'second']) {
    await enrol(who);
    archive.kept.push(captureOf(box, 'c'));
    assert.equal((await library.remove(lib_id, ['c'])).unfinished, true);
  }
  await enrol('third');
  archive.kept.push(captureOf(box, 'c'));
  await box.send(1038, { lib_id });
  const told = box.erased.length;
  box.clock.time += 61_000;
  await assert.rejects(erasure.sweep());
  archive.broken = false;
  await erasure.sweep();
  assert.deepEqual(archive.kept, ['record/channel1/face/1_third.jpg', captureOf(box, 'c')]);
  assert.equal(count(box, portraitErasures), 0);
  assert.equal(box.erased.length, told, 'what others keep under the id is of the third by now');
});

test('notes from before pictures were noted are kept, and mean whoever had the id', async (t) => {
  const folder = await temporaryFolder(t);
  const before = join(folder, 'former');
  await cp(join(import.meta.dirname, 'migrations'), before, { recursive: true });
  for (const name of await readdir(before)) if (name >= '0006') await rm(join(before, name));
  const data = join(folder, 'data');
  const store = await openStore({ folder: data, log: pino({ level: 'silent' }) });
  await store.migrate('portraits', before);
  await store.write((tx) => {
    tx.run(sql`INSERT INTO portrait_erasures (lib_id, img_id, erased_at, taken_from) VALUES (4, 'a', 1, 'x.jpg')`);
  });
  await store.close();
  const box = await startPlugin(t, { folder: data });
  box.use.captures!.kept = ['4/a of b.jpg', '4/b', 'x.jpg'];
  await roomsWithOthers(box).erasure.sweep();
  assert.deepEqual([box.use.captures!.kept, count(box, portraitErasures)], [['4/b'], 0]);
});

test('what could not be removed elsewhere is removed later', async (t) => {
  const { box, lib_id } = await filled(t);
  const { erasure } = roomsWithOthers(box);
  await box.send(1038, { lib_id });
  box.use.captures!.broken = true;
  box.use.exports!.broken = true;
  box.use.outbox!.broken = true;
  assert.equal((await box.send(1031, { lib_id, img_id: 'a' })).code, 0);
  assert.match(box.remarks.at(-1) ?? '', /^1 pictures, .* 0 messages, 0 exports erased; the rest is tried again$/);
  box.clock.time += 61_000;
  await assert.rejects(erasure.sweep());
  assert.equal(count(box, portraitErasures), 1);

  const { captures } = box.use;
  box.use.captures = undefined;
  await erasure.sweep();
  assert.equal(count(box, portraitErasures), 1, 'kept for as long as nobody can say what captures there are');
  box.use.captures = captures;
  captures!.broken = false;
  box.use.exports!.broken = false;
  await erasure.sweep();
  assert.deepEqual(captures!.kept, [`${lib_id}/b`, '9/a']);
  assert.deepEqual([box.use.exports!.archives.size, count(box, portraitErasures)], [0, 0]);
});

test('a clock that is set back keeps nobody waiting', async (t) => {
  const { box, lib_id } = await filled(t);
  const { erasure, library } = roomsWithOthers(box);
  const noon = box.clock.time;
  box.use.captures!.broken = true;
  await library.remove(lib_id, ['a']);
  box.use.captures!.broken = false;
  box.clock.time = noon - 30_000;
  await erasure.sweep();
  assert.equal(count(box, portraitErasures), 1, 'a little is soon over');
  box.clock.time = noon - 365 * 86_400_000;
  await erasure.sweep();
  assert.deepEqual([box.use.captures!.kept, count(box, portraitErasures)], [[`${lib_id}/b`, '9/a'], 0]);
});

test('while nobody can say what captures there are, the receipt says that something is left', async (t) => {
  const { box, lib_id } = await filled(t);
  const { library } = roomsWithOthers(box);
  box.use.captures = undefined;
  const { pictures, captures, unfinished } = await library.remove(lib_id, ['a']);
  assert.deepEqual([pictures, captures, unfinished], [1, 0, true]);
});

test('whoever erases somebody seen often is answered in time, but not before it is sure that all of it goes', async (t) => {
  const { box, lib_id } = await filled(t);
  const { library } = roomsWithOthers(box);
  const { captures } = box.use;
  let go = () => {};
  const slow = new Promise<void>((resolve) => {
    go = resolve;
  });
  const eraseOf = captures!.eraseOf.bind(captures);
  captures!.eraseOf = async (...asked) => {
    await slow;
    return eraseOf(...asked);
  };
  let left: number[] | undefined;
  let erasing: Promise<Receipt> | undefined;
  const answer = await receiptInTime((noted) => {
    erasing = library.remove(lib_id, ['a', 'b'], () => {
      left = [count(box, portraitImages), count(box, portraitErasures), captures!.kept.length];
      noted();
    });
    return erasing;
  }, 1);
  assert.equal(answer, null);
  assert.equal(receiptWords(answer), 'goes on');
  assert.deepEqual(left, [0, 2, 4], 'the people are gone, and noted is whose captures have to go');
  go();
  assert.equal((await erasing!).captures, 3);

  // Nobody is answered while what is asked is not done, and a refusal is one.
  const receipt = { ...NOTHING_GONE, pictures: 1, embeddings: 1 };
  let finish = (_: Receipt) => {};
  const waiting = receiptInTime(() => new Promise((resolve) => (finish = resolve)), 1);
  setTimeout(() => finish(receipt), 20);
  assert.deepEqual(await waiting, receipt);
  await assert.rejects(
    receiptInTime((noted) => library.remove(lib_id, ['nobody'], noted)),
    { code: -126 },
  );
});

test('a database goes with everybody in it, in steps', async (t) => {
  const { box, lib_id } = await filled(t);
  const { library } = roomsWithOthers(box);
  const other = await box.database('other');
  await box.send(1029, { lib_id: other, img_id: 'a' }, { img: sketch(['a']) });
  const images = Object.fromEntries(Array.from({ length: 120 }, (_, at) => [`img_${at}`, sketch([`who ${at}`])]));
  await box.send(1030, { lib_id }, images);
  box.erased.length = 0;
  const receipt = await library.removeDatabase(lib_id);
  assert.deepEqual(receipt, { ...NOTHING_GONE, pictures: 122, embeddings: 122, captures: 3, exports: 1 });
  assert.deepEqual(
    box.erased.map(({ imageIds }) => imageIds.length),
    [100, 22],
  );
  assert.deepEqual([count(box, portraitImages), box.index.faces.length], [1, 1]);
  assert.deepEqual(box.index.faces[0]?.library, other);
  await assert.rejects(library.removeDatabase(lib_id), { code: -117 });
});

test('it is remembered who of the demo was erased by hand, and nobody else', async (t) => {
  const box = await startPlugin(t);
  const { library } = roomsWithOthers(box);
  const person = { name: 'A', gender: '', age: '', idcard: '', address: '' };
  const enrolled = async (name: string, type: 1 | 2, origin?: 'demo') => {
    const { libId } = await library.createDatabase(name, type, origin);
    for (const imgId of ['a', 'b']) {
      await library.enrol({ libId, imgId, picture: sketch([`${name} ${imgId}`]), person, quality: 'low' });
    }
    return libId;
  };
  const [staff, watched, own] = [
    await enrolled('s', 2, 'demo'),
    await enrolled('w', 1, 'demo'),
    await enrolled('o', 2),
  ];
  await library.remove(staff, ['a']);
  await library.remove(own, ['b']);
  const erased = (libId: number) => ['a', 'b'].filter((imgId) => library.wasErased(libId, imgId));
  assert.deepEqual([staff, watched, own].map(erased), [['a'], [], []]);

  await library.removeDatabase(watched);
  const again = await library.createDatabase('w', 1, 'demo');
  assert.deepEqual(erased(again.libId), ['a', 'b'], 'with the whole database');

  // The demo takes its own away, and everybody may come again.
  await library.removeDatabase(staff, { alsoBound: true });
  const { libId } = await library.createDatabase('s', 2, 'demo');
  assert.deepEqual(erased(libId), ['a']);
  await library.forgetErased('demo');
  assert.deepEqual([erased(libId), erased(again.libId)], [[], []]);
});

test('a database that is being deleted is gone at once, and for good after a crash', async (t) => {
  const { box, lib_id } = await filled(t);
  const { erasure } = roomsWithOthers(box);
  // As a crash after the first step leaves it.
  await box.store.write((tx) => {
    tx.update(portraitDatabases).set({ leaving: true }).where(eq(portraitDatabases.libId, lib_id)).run();
  });
  assert.deepEqual((await box.send<[]>(1028)).data, []);
  for (const [id, parameters] of [
    [1029, {}],
    [1035, {}],
    [1032, { img_id: 'a' }],
    [1026, {}],
  ] as const) {
    assert.equal((await box.send(id, { lib_id, ...parameters }, { img: sketch(['x']) })).code, -117, `${id}`);
  }
  await erasure.sweep();
  assert.equal(box.store.read.select().from(portraitDatabases).all().length, 0);
  assert.deepEqual([count(box, portraitImages), box.index.faces.length], [0, 0]);
});

test('somebody who is enrolled and erased at the same time does not stay in part', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  box.use.captures = new MemoryCaptures();
  const put = box.index.put.bind(box.index);
  // The index takes its time over what comes, and none over what goes.
  box.index.put = async (faces) => {
    await new Promise((resolve) => setTimeout(resolve, 2));
    await put(faces);
  };
  const rounds = Array.from({ length: 30 }, async (_, at) => {
    const img_id = `p${at}`;
    const enrolled = box.send(1029, { lib_id, img_id }, { img: sketch([img_id]) });
    await until('it is there or gone', () => box.store.read.select().from(portraitImages).all().length > 0);
    const erased = box.send(1031, { lib_id, img_id });
    return [(await enrolled).code, (await erased).code];
  });
  for (const [enrolled, erased] of await Promise.all(rounds)) {
    assert.equal(enrolled, 0);
    assert.ok(erased === 0 || erased === -126, `${erased}`);
  }
  const rows = box.store.read.select().from(portraitImages).all();
  const ids = rows.map(({ id }) => id);
  assert.deepEqual(
    box.store.read
      .select()
      .from(portraitEmbeddings)
      .all()
      .map(({ image }) => image),
    ids,
  );
  assert.deepEqual(
    box.index.faces.map(({ id }) => id).sort((a, b) => a - b),
    ids,
  );
  assert.equal((await box.send<{ picture_no: number }[]>(1028)).data[0]?.picture_no, ids.length);
  await box.store.blobs.idle();
  assert.equal((await filesBelow(box.folder, 'facebase', 'staged')).length, ids.length);
});

test('an enrolment whose database leaves meanwhile leaves nothing', async (t) => {
  const box = await startPlugin(t);
  const lib_id = await box.database();
  let open = () => {};
  box.images.gate = new Promise((resolve) => {
    open = resolve;
  });
  const enrolled = box.send(1029, { lib_id }, { img: sketch(['late']) });
  await until('it is examined', () => box.images.underWay === 1);
  await box.send(1026, { lib_id });
  open();
  assert.equal((await enrolled).code, -117);
  assert.equal(count(box, portraitImages), 0);
  await box.store.blobs.idle();
  assert.deepEqual(await filesBelow(box.folder, 'facebase', 'staged'), []);
});
