import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import type { CaptureMatch } from '../../core/plugin/capture-services.ts';
import { filesBelow } from '../../core/store/fixture.ts';
import { roomsOf, startPlugin, type TestPlugin } from './fixture.ts';
import { cameraInfo, observation } from './match.fixture.ts';
import { faceMatching } from './match.ts';
import { sketch, vectorOf } from './stand-ins.fixture.ts';
import { portraitEmbeddings, portraitImages } from './tables.ts';

/** People come and go while others are searched for and cameras recognise them. */

const PEOPLE = 10;
const ROUNDS = 6;
const SEARCHERS = 4;

/** The index takes its time: what it found is older than what is enrolled when the answer comes. */
function slowed({ index }: TestPlugin): void {
  let turn = 0;
  const late = () => wait((turn = (turn + 1) % 4));
  const [put, remove, search] = [index.put.bind(index), index.remove.bind(index), index.search.bind(index)];
  index.put = (faces) => late().then(() => put(faces));
  index.remove = (ids) => late().then(() => remove(ids));
  index.search = async (query) => {
    const hits = await search(query);
    await late();
    return hits;
  };
}

test('nobody is named after the answer to their erasure, whatever goes on beside it, and nothing is left', async (t) => {
  const box = await startPlugin(t);
  slowed(box);
  const lib_id = await box.database();
  const { library } = roomsOf(box);
  const recognition = faceMatching({
    library,
    index: box.index,
    images: box.images,
    cameras: () => ({ get: () => cameraInfo({ libraryIds: [lib_id], threshold: 90 }) }),
    waiting: () => 0,
    told: () => {},
  });
  /** Whose erasure was answered. */
  const erased = new Set<string>();
  const named = { searches: 0, captures: 0 };
  const found: CaptureMatch[] = [];
  let open = PEOPLE;

  const comeAndGo = async (who: string, stays: boolean) => {
    for (let round = 0; round < ROUNDS; round++) {
      const img_id = `${who}r${round}`;
      const enrolled = await box.send(1029, { lib_id, img_id }, { img: sketch([who], round) });
      assert.equal(enrolled.code, 0, enrolled.msg);
      if (stays && round === ROUNDS - 1) break;
      await wait(round % 3);
      assert.equal((await box.send(1031, { lib_id, img_id })).code, 0);
      erased.add(img_id);
    }
    open -= 1;
  };
  const nameOf = (turn: number) => `p${turn % PEOPLE}`;
  const searching = async (turn: number) => {
    for (; open > 0; turn += SEARCHERS) {
      await nextTurn();
      const asked = { lib_ids: lib_id, threshold: 90, topk: 5 };
      const { code, data } = await box.send<{ topn?: { img_id: string }[] }>(772, asked, {
        img: sketch([nameOf(turn)]),
      });
      assert.ok(code === 0 || code === -1107, `${code}`);
      for (const { img_id } of data.topn ?? []) {
        named.searches += 1;
        assert.ok(!erased.has(img_id), `${img_id} is named by a search`);
      }
    }
  };
  const recognising = async (turn: number) => {
    for (; open > 0; turn += SEARCHERS) {
      await nextTurn();
      const embedding = { model: 'one', vector: [...vectorOf(nameOf(turn), 'one')] };
      const { match } = await recognition.enrich(observation({ embedding }));
      if (!match || match.similarity < 90) continue;
      named.captures += 1;
      assert.ok(!erased.has(match.imageId), `${match.imageId} is recognised`);
      // Pictures of captures are written meanwhile, some of them for long; then the record is stored, or not.
      found.push(match);
      for (const one of found) {
        if (erased.has(one.imageId)) assert.ok(!recognition.stillKnows!(one), `${one.imageId} is recorded`);
      }
    }
  };
  await Promise.all([
    ...Array.from({ length: PEOPLE }, (_, at) => comeAndGo(nameOf(at), at % 2 === 0)),
    ...Array.from({ length: SEARCHERS }, (_, at) => searching(at)),
    ...Array.from({ length: SEARCHERS }, (_, at) => recognising(at)),
  ]);
  assert.ok(named.searches > 0 && named.captures > 0, `somebody was named: ${JSON.stringify(named)}`);
  assert.equal(erased.size, PEOPLE * ROUNDS - PEOPLE / 2);
  assert.ok(found.some(({ imageId }) => erased.has(imageId)));
  for (const one of found) assert.equal(recognition.stillKnows!(one), !erased.has(one.imageId), one.imageId);

  const rows = box.store.read.select().from(portraitImages).all();
  const staying = Array.from({ length: PEOPLE / 2 }, (_, at) => `p${at * 2}r${ROUNDS - 1}`);
  assert.deepEqual(rows.map(({ imgId }) => imgId).sort(), staying);
  const numbers = rows.map(({ id }) => id);
  const embeddings = box.store.read.select({ image: portraitEmbeddings.image }).from(portraitEmbeddings).all();
  assert.deepEqual(embeddings.map(({ image }) => image).sort(ascending), numbers);
  assert.deepEqual(box.index.faces.map(({ id }) => id).sort(ascending), numbers);
  await box.store.blobs.idle();
  assert.equal((await filesBelow(box.folder, 'facebase', 'staged')).length, staying.length);
  assert.equal((await box.send<{ picture_no: number }[]>(1028)).data[0]?.picture_no, staying.length);
});

const ascending = (a: number, b: number) => a - b;
