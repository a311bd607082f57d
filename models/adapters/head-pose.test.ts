import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import sharp from 'sharp';
import { asset } from '../../tests/kit/assets.ts';
import { constantModel, ModelFolder, madeCard } from '../../tests/kit/onnx.ts';
import { catalog } from '../catalog.ts';
import { facePose } from './face-pose.ts';
import { createDetector, createHeadPoser } from './index.ts';
import type { Box } from './types.ts';

const BOX: Box = [10, 10, 50, 60];
const picture = { width: 80, height: 80, data: new Uint8Array(80 * 80 * 3) };

test('directions are counted to the right and downwards; what is no number is refused', async (t) => {
  const folder = await ModelFolder.make(t);
  const input = { width: 64, height: 64 };
  const made = async (id: string, said: number[]) => {
    const file = await folder.put(id, constantModel(input, said));
    const poser = await createHeadPoser(madeCard({ id, task: 'head-pose', adapter: 'fsanet', input, file }));
    t.after(() => poser.close());
    return poser;
  };
  const turned = await made('turned', [20, -10, 5]);
  assert.deepEqual(await turned.look(picture, BOX), { yaw: -20, pitch: 10 });
  await assert.rejects(turned.look(picture, [200, 200, 240, 260]), /outside the picture/);
  const broken = await made('broken', [Number.NaN, 0, 0]);
  await assert.rejects(broken.look(picture, BOX), /not finite/);
  const card = madeCard({ id: 'other', task: 'liveness', adapter: 'attributes', file: '/nowhere' });
  await assert.rejects(createHeadPoser(card), /does not see how heads are turned/);
});

test('on photos, yaw is that of the landmarks', async (t) => {
  const files = ['face_detection_yunet_2023mar.onnx', 'fsanet-var-iter-688590.onnx'].map((one) =>
    asset(t, 'models', one),
  );
  const photos = asset(t, 'media', 'photos');
  if (!files[0] || !files[1] || !photos) return;
  const card = (id: string) => catalog().find((entry) => entry.id === id)!;
  const detector = await createDetector({ ...card('yunet-2023mar'), file: files[0] });
  const poser = await createHeadPoser({ ...card('fsanet-var'), file: files[1] });
  t.after(() => Promise.all([detector.close(), poser.close()]));
  const off: number[] = [];
  for (const name of readdirSync(photos).filter((one) => one.endsWith('.jpg'))) {
    const { data, info } = await sharp(`${photos}/${name}`)
      .rotate()
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const photo = { width: info.width, height: info.height, data: new Uint8Array(data) };
    for (const { box, landmarks, score } of await detector.detect(photo)) {
      if (score < 0.7) continue;
      const { yaw } = await poser.look(photo, box);
      off.push(Math.abs(yaw - facePose(landmarks!)!.yaw));
    }
  }
  off.sort((a, b) => a - b);
  assert.ok(off.length > 40);
  assert.ok(off[Math.floor(off.length / 2)]! < 5 && off[Math.floor(off.length * 0.9)]! < 15, off.join());
});
