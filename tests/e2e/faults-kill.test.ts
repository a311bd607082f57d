import assert from 'node:assert/strict';
import { mkdtemp, rm, unlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Random } from '../fuzz/random.ts';
import { asset, assetFolder } from '../kit/assets.ts';
import { faultsOf, storedCaptures } from '../soak/data-check.ts';
import { KillRun } from '../soak/kill-rounds.ts';

/** A few rounds of `npm run soak:kill`. */

const CLIPS = ['face-demographics-walking-and-pause.avi', 'store-aisle-detection.avi'];

test('a box ended by force while it captures keeps what it acknowledged, and leaves nothing behind', async (t) => {
  for (const clip of CLIPS) if (!asset(t, 'media', 'video', clip)) return;
  const dataFolder = await mkdtemp(join(tmpdir(), 'gatehouse-kill-'));
  const random = new Random(7);
  const run = new KillRun({ assets: assetFolder()!, dataFolder, clips: CLIPS, random: () => random.next() });
  t.after(() => rm(dataFolder, { recursive: true, force: true }));
  try {
    await run.prepare();
    for (let round = 1; round <= 2; round += 1) {
      const { faults, pushed } = await run.round();
      assert.deepEqual(faults, [], `round ${round}`);
      assert.ok(pushed > 0);
    }
  } finally {
    await run.stop();
  }

  // The check itself must see what it is there for.
  const { paths } = storedCaptures(dataFolder)[0]!;
  await unlink(join(dataFolder, paths[0]));
  const stray = paths[1].replace(/_\d+\.jpg$/, '_999999.jpg');
  await writeFile(join(dataFolder, stray), 'x');
  await writeFile(join(dataFolder, 'staged', 'record~channel1~face~1_1.jpg'), 'x');
  const old = new Date(Date.now() - 60_000);
  for (const file of [stray, 'staged/record~channel1~face~1_1.jpg']) await utimes(join(dataFolder, file), old, old);
  assert.deepEqual(faultsOf(dataFolder, Date.now(), Number.MAX_SAFE_INTEGER).sort(), [
    'left in staged/: record~channel1~face~1_1.jpg',
    `picture without a row: ${stray}`,
    `row without a picture: ${paths[0]}`,
  ]);
});
