import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { dataset as bodies } from './bodies.ts';
import { type Dataset, type DatasetSettings, writeDataset } from './dataset.ts';
import { DETECTOR_HEIGHT, DETECTOR_WIDTH, dataset as detector } from './detector.ts';
import { alikeOf, dataset as faces } from './faces.ts';
import {
  BODY_HEADS,
  DETECTOR_LABELS,
  FACE_HEADS,
  type Head,
  LIVENESS_HEADS,
  PLATE_ALPHABET,
  UNKNOWN,
} from './heads.ts';
import { dataset as liveness } from './liveness.ts';
import { dataset as plates } from './plates.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'gatehouse-dataset-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Draws picture 3 alone, and then again after others. */
function drawnTwice<S extends DatasetSettings, R>(dataset: Dataset<S, R>, settings: S): { rows: R[] } {
  const first = dataset.open(settings).draw(3);
  const [pixels, row] = [digest(first.pixels), first.row];
  const maker = dataset.open(settings);
  const rows: R[] = [];
  for (let index = 0; index < settings.count; index += 1) {
    const sample = maker.draw(index);
    assert.equal(sample.pixels.length, maker.width * maker.height * 3);
    if (index === 3) {
      assert.equal(digest(sample.pixels), pixels);
      assert.deepEqual(sample.row, row);
    }
    rows.push(sample.row);
  }
  assert.notEqual(digest(maker.draw(0).pixels), digest(Uint8Array.from(maker.draw(1).pixels)));
  return { rows };
}

function checkLabels(rows: number[][], heads: readonly Head[]): void {
  for (const labels of rows) {
    assert.equal(labels.length, heads.length);
    for (const [n, head] of heads.entries()) {
      const most = 'kind' in head ? 130 : head.values.length - 1;
      const label = labels[n]!;
      assert.ok(Number.isInteger(label) && label >= UNKNOWN && label <= most, `${head.name} is ${label}`);
    }
  }
}

test('a dataset is the same whatever the number of processes', async (t) => {
  const [one, two] = [folder(t), folder(t)];
  const settings = { seed: 5, count: 40 };
  const lines: string[] = [];
  await writeDataset(plates, settings, { out: one, workers: 1, progress: (line) => lines.push(line) });
  await writeDataset(plates, settings, { out: two, workers: 2, progress: () => {} });
  assert.deepEqual(readdirSync(one).sort(), ['images.u8', 'meta.json', 'text.json']);
  for (const name of readdirSync(one)) {
    assert.equal(digest(readFileSync(join(one, name))), digest(readFileSync(join(two, name))), name);
  }
  const meta: Record<string, unknown> = JSON.parse(readFileSync(join(one, 'meta.json'), 'utf8'));
  assert.deepEqual([meta['count'], meta['width'], meta['height'], meta['seed']], [40, 128, 32, 5]);
  const texts: string[] = JSON.parse(readFileSync(join(one, 'text.json'), 'utf8'));
  assert.equal(texts.length, 40);
  for (const text of texts)
    assert.ok(text.length >= 5 && [...text].every((letter) => PLATE_ALPHABET.includes(letter)), text);
  assert.match(lines.at(-1) ?? '', /40 of 40 pictures/);
});

test('a failing process fails the whole dataset', async (t) => {
  const settings = { seed: 5, count: 40, for: 'embedding', per: 0, alikeEvery: 6 } as const;
  const broken = { ...faces, module: new URL('./no-such-dataset.ts', import.meta.url).href };
  await assert.rejects(
    writeDataset(broken, settings, { out: folder(t), workers: 2, progress: () => {} }),
    /ended with/,
  );
});

for (const scenes of ['any', 'near'] as const) {
  test(`boxes of the detector lie inside its pictures: ${scenes}`, () => {
    const { rows } = drawnTwice(detector, { seed: 1, count: 8, scenes });
    assert.ok(rows.flat().length > 8);
    for (const row of rows.flat()) {
      assert.equal(row.length, 16);
      const [label, x1, y1, x2, y2, visible] = row as [number, number, number, number, number, number];
      assert.ok(label >= 0 && label < DETECTOR_LABELS.length);
      assert.ok(x1 >= 0 && y1 >= 0 && x2 <= DETECTOR_WIDTH && y2 <= DETECTOR_HEIGHT, String(row));
      assert.ok(x2 > x1 && y2 > y1, String(row));
      assert.ok(visible >= 0 && visible <= 1);
      const landmarks = row.slice(6).every(Number.isFinite);
      if (label !== 1) assert.ok(!landmarks, 'only faces have landmarks');
      else if (visible > 0) assert.ok(landmarks, 'a face to be found has landmarks');
    }
  });
}

test('faces for embedding name their identity, who resembles whom and what is worn', (t) => {
  const settings = { seed: 1, count: 8, for: 'embedding', per: 2, alikeEvery: 2 } as const;
  const { rows } = drawnTwice(faces, settings);
  assert.deepEqual(
    rows.map((row) => ('identity' in row ? row.identity : -1)),
    [0, 0, 1, 1, 2, 2, 3, 3],
  );
  const out = folder(t);
  faces.finish(out, rows, settings);
  const worn = readFileSync(join(out, 'worn.i32'));
  assert.equal(worn.length, 4 * rows.length);
  const hidden = rows.map((_, at) => worn.readInt32LE(4 * at));
  assert.ok(hidden.every((one) => one >= 0 && one < 8) && hidden.includes(0) && hidden.some((one) => one > 0));
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6].map((n) => alikeOf(n, 3, 7)),
    [-1, 2, 1, -1, 5, 4, -1],
  );
});

test('labels of faces, bodies and liveness are in range', () => {
  const seen = drawnTwice(faces, { seed: 1, count: 8, for: 'attributes', per: 1, alikeEvery: 6 });
  checkLabels(
    seen.rows.map((row) => ('labels' in row ? row.labels : [])),
    FACE_HEADS,
  );
  const [measured, likely] = (['seen', 'likely'] as const).map((asked) =>
    drawnTwice(bodies, { seed: 1, count: 8, asked }),
  );
  for (const { rows } of [measured!, likely!]) checkLabels(rows, BODY_HEADS);
  assert.ok(
    asked(likely!.rows) > asked(measured!.rows),
    'what no pixel shows is asked as well where pixels are not counted',
  );
  checkLabels(drawnTwice(liveness, { seed: 1, count: 8 }).rows, LIVENESS_HEADS);
});

const asked = (rows: readonly number[][]): number => rows.flat().filter((label) => label >= 0).length;
