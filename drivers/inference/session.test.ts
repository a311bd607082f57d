import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeModel } from './made-model.ts';
import { expectShape, ModelFileError, openSession } from './session.ts';

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'gatehouse-session-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

test('a model runs and gives its outputs by name', async (t) => {
  const file = join(await folder(t), 'made.onnx');
  await writeFile(file, makeModel([1, 3, 2, 2]));
  const session = await openSession(file, { threads: 1 });
  t.after(() => session.close());
  assert.deepEqual(session.inputs, [{ name: 'x', shape: [1, 3, 2, 2] }], 'a weight listed as input is none');
  assert.deepEqual(session.outputs, [{ name: 'y', shape: [1, 3, 2, 2] }]);
  const data = Float32Array.from({ length: 12 }, (_, i) => i - 6);
  const outputs = await session.run({ x: { data, shape: [1, 3, 2, 2] } });
  assert.deepEqual([...outputs.get('y')!], [0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6]);
  await assert.rejects(session.run({ x: { data: data.subarray(0, 3), shape: [1, 3, 1, 1] } }), /dimension/i);
});

test('bound to arrays, a model reads them anew and writes over the same outputs', async (t) => {
  const file = join(await folder(t), 'made.onnx');
  await writeFile(file, makeModel([1, 2]));
  const session = await openSession(file, { threads: 1 });
  const data = Float32Array.of(1, 2);
  const run = session.bind({ x: { data, shape: [1, 2] } });
  const first = (await run()).get('y')!;
  assert.deepEqual([...first], [2, 3]);
  const apart = (await session.run({ x: { data, shape: [1, 2] } })).get('y')!;
  data.set([5, -7]);
  assert.equal((await run()).get('y'), first);
  assert.deepEqual([...first], [6, 0]);
  assert.deepEqual([...apart], [2, 3], 'what was run without being bound is its own');
  await session.close();
  await assert.rejects(run(), /is closed/);
});

test('a model of fixed size runs at another one when asked to', async (t) => {
  const file = join(await folder(t), 'made.onnx');
  await writeFile(file, makeModel([1, 3, 64, 64]));
  const session = await openSession(file, { threads: 1, inputShape: [1, 3, 1, 200] });
  t.after(() => session.close());
  assert.deepEqual(session.inputs, [{ name: 'x', shape: [1, 3, 1, 200] }]);
  const data = new Float32Array(600).fill(2);
  const outputs = await session.run({ x: { data, shape: [1, 3, 1, 200] } });
  assert.deepEqual(outputs.get('y'), new Float32Array(600).fill(3));
});

test('one session serves all who open the same model', async (t) => {
  const file = join(await folder(t), 'made.onnx');
  await writeFile(file, makeModel([1, 1]));
  const feed = { x: { data: Float32Array.of(1), shape: [1, 1] } };
  const first = await openSession(file, { threads: 1 });
  // The file may even go: what is open stays open, and who joins needs no file.
  await rm(file);
  const second = await openSession(file, { threads: 1 });
  await first.close();
  await first.close();
  await assert.rejects(first.run(feed), /is closed/);
  assert.deepEqual([...(await second.run(feed)).get('y')!], [2]);
  await second.close();
  await assert.rejects(openSession(file, { threads: 1 }), /is missing/, 'the last to close freed it');
});

test('a missing, damaged or cut off file is named', async (t) => {
  const path = await folder(t);
  const fault = (file: string, what: RegExp) => (error: unknown) => {
    assert.ok(error instanceof ModelFileError);
    assert.equal(error.file, file);
    assert.ok(error.message.includes(file));
    assert.match(error.message, what);
    return true;
  };
  const missing = join(path, 'missing.onnx');
  await assert.rejects(openSession(missing, { threads: 1 }), fault(missing, /is missing/));
  const whole = makeModel([1, 3, 4, 4]);
  for (const [name, bytes] of Object.entries({
    cut: whole.subarray(0, whole.length - 20),
    text: Buffer.from('version https://git-lfs.github.com/spec/v1\n'),
    empty: new Uint8Array(0),
    zeros: new Uint8Array(1000),
  })) {
    const file = join(path, `${name}.onnx`);
    await writeFile(file, bytes);
    await assert.rejects(openSession(file, { threads: 1 }), fault(file, /damaged/), name);
  }
  const repaired = join(path, 'cut.onnx');
  await writeFile(repaired, whole);
  await (await openSession(repaired, { threads: 1 })).close();
});

test('a model of another input shape is refused, with both shapes', async (t) => {
  const path = await folder(t);
  const file = join(path, 'other.onnx');
  await writeFile(file, makeModel([1, 3, 320, 320]));
  const session = await openSession(file, { threads: 1 });
  t.after(() => session.close());
  assert.equal(expectShape(session, [1, 3, 320, 320]), 'x');
  assert.throws(
    () => expectShape(session, [1, 3, 640, 640]),
    (error: Error) => error.message === `model file ${file} takes input [1,3,320,320] where [1,3,640,640] is expected`,
  );
  const two = join(path, 'two.onnx');
  await writeFile(two, makeModel([1, 3, 4, 4], { extraInput: true }));
  const other = await openSession(two, { threads: 1 });
  t.after(() => other.close());
  assert.throws(() => expectShape(other, [1, 3, 4, 4]), /has 2 inputs where one is expected/);
  await assert.rejects(openSession(two, { threads: 1, inputShape: [1, 3, 8, 8] }), /2 inputs cannot be given/);
});

test('threads must be a positive whole number', async () => {
  await assert.rejects(openSession('any.onnx', { threads: 0 }), RangeError);
  await assert.rejects(openSession('any.onnx', { threads: 1.5 }), RangeError);
});
