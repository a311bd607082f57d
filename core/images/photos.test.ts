import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SAME, scaleOf, startPhotos } from '../../tests/kit/photos.ts';

test('photos as somebody would send them: faces, qualities, and who is who', async (t) => {
  const photos = await startPhotos(t);
  if (!photos) return;
  const { service } = photos;
  const model = service.models().find(({ id }) => id === 'mobilefacenet-foamliu')!;
  const described: { name: string; vector: Float32Array }[] = [];
  const best = new Map<string, { score: number; faults: string[] }>();
  let extra = 0;
  for (const name of photos.names) {
    const bytes = photos.bytes(name);
    const { width, height, faces } = await service.examine(bytes, { embeddings: true });
    assert.ok(Math.max(width, height) <= 1920);
    // Noses are told in pixels of the photo, which is turned upright, at its own size.
    const scale = await scaleOf(bytes, Math.max(width, height));
    const found = [...faces];
    for (const [x, y] of photos.noses(name).map((nose) => nose.map((value) => value * scale) as [number, number])) {
      const at = found.findIndex(({ box: [x1, y1, x2, y2] }) => x >= x1 && x <= x2 && y >= y1 && y <= y2);
      assert.ok(at >= 0, `${name}: no face around ${x}, ${y}`);
      const [face] = found.splice(at, 1);
      described.push({ name, vector: face!.embeddings.find((one) => one.model === model.id)!.vector });
    }
    extra += found.length;
    const areas = faces.map(({ box: [x1, y1, x2, y2] }) => (x2 - x1) * (y2 - y1));
    assert.deepEqual(
      areas,
      [...areas].sort((a, b) => b - a),
      'the largest first',
    );
    if (faces[0]) best.set(name, faces[0].quality);
  }
  assert.ok(extra <= 1, `${extra} false faces`);
  const matches: string[] = [];
  for (const [i, a] of described.entries()) {
    for (const b of described.slice(i + 1)) {
      const cosine = a.vector.reduce((sum, value, at) => sum + value * b.vector[at]!, 0);
      if (model.similarity(cosine) >= SAME) matches.push([a.name, b.name].sort().join(' '));
    }
  }
  assert.deepEqual(matches.sort(), photos.pairs);
  // Large portraits are fit for an enrolment of high quality; eight faces in a picture of 800 pixels are not.
  for (const name of ['005_A.jpg', '006_A.jpg', '007_B.jpg', '009_C.jpg']) {
    assert.deepEqual(best.get(name)!.faults, [], name);
    assert.ok(best.get(name)!.score >= 85, `${name}: ${best.get(name)!.score}`);
  }
  const of = async (embeddings: true | 'largest') =>
    (await service.examine(photos.bytes('016_8.jpg'), { embeddings })).faces;
  const [all, largest] = [await of(true), await of('largest')];
  const wanted = all.map((face, at) => (at === 0 ? face : { ...face, embeddings: [] }));
  assert.ok(all.length >= 8 && all.every(({ embeddings }) => embeddings.length > 0));
  assert.deepEqual(largest, wanted, 'the same, but that only the largest is described');
  const crowd = best.get('016_8.jpg')!;
  assert.ok(crowd.faults.includes('size') && crowd.score < 60, JSON.stringify(crowd));
});
