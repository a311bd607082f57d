import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { smallPicture } from './small-pictures.ts';

/** A picture whose file takes so many bytes: behind its end nobody reads. */
async function jpegOf(bytes: number): Promise<Uint8Array> {
  const drawn = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#c08040' } })
    .jpeg()
    .toBuffer();
  const whole = new Uint8Array(bytes);
  whole.set(drawn);
  return whole;
}

test('pictures that wait to be scaled down take a bounded part of memory, and those beyond it come whole', async () => {
  const picture = await jpegOf(4 * 1024 * 1024);
  const made = await Promise.all(Array.from({ length: 20 }, () => smallPicture(picture, 160)));
  const whole = made.filter((one) => one === picture).length;
  // Two are under way and 32 MiB wait.
  assert.equal(whole, 10);
  // What waited has made room again.
  assert.notEqual(await smallPicture(picture, 160), picture);
  assert.notEqual(await smallPicture(picture, 320), picture);
});

test('nothing of a picture is kept once it is scaled down', async () => {
  const picture = await jpegOf(20_000);
  for (const width of [160, 320] as const) assert.notEqual(await smallPicture(picture, width), picture);
  const { items, memory } = sharp.cache({});
  assert.deepEqual([items.current, memory.current], [0, 0]);
});
