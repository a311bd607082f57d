import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import { asset } from '../kit/assets.ts';
import { type Answer, startBox, type TestBox } from '../kit/box.ts';
import { until } from '../kit/wait.ts';

interface Match {
  img_id: string;
  lib_id: number;
  lib_name: string;
  name: string;
  similarity: number;
  address: string;
}
interface Compared {
  topn: Match[];
  in_pic: { quality: number };
}
interface Export {
  export_url: string;
  zippasswd: string;
  result_num: number;
}

const inJson = (bytes: Uint8Array) => ({
  filename: 'face.jpg',
  data: `data:image/jpg;base64,${Buffer.from(bytes).toString('base64')}`,
});

async function form<T>(box: TestBox, id: number, parts: Record<string, string | File>): Promise<Answer<T>> {
  const body = new FormData();
  body.set('msg_id', String(id));
  for (const [name, value] of Object.entries(parts)) body.set(name, value);
  const response = await fetch(`${box.url}/api/form`, {
    method: 'POST',
    headers: { sessionid: box.sessionId },
    body,
  });
  return (await response.json()) as Answer<T>;
}

async function stored(box: TestBox, path: string): Promise<Uint8Array> {
  const response = await fetch(`${box.url}/ws/${path}`, { headers: { sessionid: box.sessionId } });
  assert.equal(response.status, 200, path);
  return new Uint8Array(await response.arrayBuffer());
}

/** Portraits of three people, two of them twice. */
async function photos(t: TestContext): Promise<{ models: string; photo(name: string): Promise<Buffer> } | undefined> {
  const model = asset(t, 'models', 'mobilefacenet_foamliu.onnx');
  const first = model && asset(t, 'media', 'photos', '005_A.jpg');
  if (!model || !first) return undefined;
  return { models: dirname(model), photo: (name) => readFile(join(dirname(first), name)) };
}

test('people are enrolled, recognised in other photos, exported and forgotten', { timeout: 240_000 }, async (t) => {
  const assets = await photos(t);
  if (!assets) return;
  const { photo } = assets;
  const dataFolder = await mkdtemp(join(tmpdir(), 'gatehouse-portraits-'));
  t.after(() => rm(dataFolder, { recursive: true, force: true }));
  const box = await startBox({ dataFolder, models: assets.models });
  t.after(() => box.stop('SIGKILL'));
  await box.login();

  const made = await box.call<{ lib_id: number }>(1025, { lib_name: 'Staff', lib_type: 2 });
  assert.equal(made.code, 0, made.msg);
  const { lib_id } = made.data;
  const compare = async (name: string) => {
    const img = new File([new Uint8Array(await photo(name))], name);
    return form<Compared>(box, 772, { img, lib_ids: String(lib_id), threshold: '80', topk: '3' });
  };
  assert.equal((await compare('005_A.jpg')).code, -1107, 'nobody is enrolled yet');

  const enrolled = await box.call<{ img_id: string }>(1051, {
    lib_id,
    img: inJson(await photo('005_A.jpg')),
    img_id: 'a-1',
    person_name: 'Ana, the first',
    person_idcard: '130182',
    person_addr: 'Harbour 3',
  });
  assert.deepEqual([enrolled.code, enrolled.data], [0, { img_id: 'a-1' }], enrolled.msg);
  assert.equal((await box.call(1051, { lib_id, img: inJson(await photo('005_A.jpg')) })).code, -116);

  const batch = await form<{ err_count: number; url: string }>(box, 1030, {
    lib_id: String(lib_id),
    uuid: 'first',
    img_1: new File([new Uint8Array(await photo('007_B.jpg'))], '王_b-1_#_1_31_#.jpg'),
    img_2: new File([new Uint8Array(await photo('009_C.jpg'))], 'Cleo_c-1_77_0_#_#.jpg'),
    img_3: new File(['no picture'], 'Nobody_d-1_#_#_#_#.jpg'),
  });
  assert.deepEqual([batch.code, batch.data.err_count], [0, 1], batch.msg);
  const rows = new TextDecoder()
    .decode(await stored(box, batch.data.url))
    .trim()
    .split(/\r?\n/);
  assert.deepEqual(
    rows.slice(1).map((row) => /b-1|c-1|d-1/.exec(row)?.[0] + (row.includes('-1104') ? ' refused' : '')),
    ['b-1', 'c-1', 'd-1 refused'],
  );

  const { data: seen, msg } = await compare('006_A.jpg');
  assert.deepEqual(
    seen.topn?.map(({ img_id, lib_name, name, address }) => ({ img_id, lib_name, name, address })),
    [{ img_id: 'a-1', lib_name: 'Staff', name: 'Ana, the first', address: '******' }],
    msg,
  );
  assert.ok(seen.topn[0]!.similarity >= 80 && seen.in_pic.quality > 0);
  const other = await compare('008_B.jpg');
  assert.deepEqual(
    other.data.topn.map(({ img_id }) => img_id),
    ['b-1'],
  );
  const alike = async (one: string, two: string) => {
    const pictures = { img_1: inJson(await photo(one)), img_2: inJson(await photo(two)) };
    return (await box.call<{ FaceImg1to1Rsp_Score: number }>(781, pictures)).data.FaceImg1to1Rsp_Score;
  };
  assert.ok((await alike('007_B.jpg', '008_B.jpg')) >= 80);
  assert.ok((await alike('005_A.jpg', '009_C.jpg')) < 60);

  const { data: exported } = await box.call<Export>(1038, { lib_id });
  assert.equal(exported.result_num, 3);
  const archive = new Uint8ArrayReader(await stored(box, exported.export_url));
  const reader = new ZipReader(archive, { password: exported.zippasswd, useWebWorkers: false });
  const files = (await reader.getEntries()).flatMap((entry) => (entry.directory ? [] : [entry]));
  assert.deepEqual(
    files.map(({ encrypted }) => encrypted),
    [true, true, true, true],
  );
  const csv = files.find(({ filename }) => filename.endsWith('.csv'));
  const index = new TextDecoder().decode(await csv!.getData(new Uint8ArrayWriter()));
  assert.match(index, /"Ana, the first"/);
  assert.match(index, /王/);

  // What was acknowledged is there after the plug was pulled, and found as before.
  await box.stop('SIGKILL');
  const again = await startBox({ dataFolder });
  t.after(() => again.stop('SIGKILL'));
  await again.login();
  const search = async () => {
    const img = new File([new Uint8Array(await photo('006_A.jpg'))], 'a.jpg');
    return form<Compared>(again, 772, { img, lib_ids: String(lib_id), threshold: '80' });
  };
  await until('the index to be read again', async () => (await search()).code === 0, 60_000);
  assert.equal((await search()).data.topn[0]?.img_id, 'a-1');

  assert.equal((await again.call(1031, { lib_id, img_id: 'a-1' })).code, 0);
  assert.deepEqual((await search()).data.topn, []);
  const gone = await fetch(`${again.url}/ws/${exported.export_url}`, { headers: { sessionid: again.sessionId } });
  assert.equal(gone.status, 404, 'what was exported of somebody goes with them');
});
