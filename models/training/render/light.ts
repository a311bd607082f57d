import type { SKRSContext2D } from '@napi-rs/canvas';
import type { Camera } from './camera.ts';
import { at, Space } from './space.ts';
import { css, mix, type Tint } from './tint.ts';
import type { Light, Vec3 } from './types.ts';

/** A soft shadow on the ground of something about as broad and tall as given, in metres. */
export function drawShadow(
  ctx: SKRSContext2D,
  camera: Camera,
  light: Light,
  foot: Vec3,
  size: { wide: number; deep: number; high: number; turn?: number },
): void {
  const space = new Space(ctx, camera);
  const ground = at(foot.x, 0, foot.z);
  const ink: Tint = [16, 18, 26];
  const turn = size.turn ?? 0;
  space.patch(ground, size.wide * 0.85, size.deep * 0.85, ink, 0.34 + 0.2 * light.hardness, turn);
  space.patch(ground, size.wide * 1.7, size.deep * 1.7, ink, 0.2, turn);
  if (light.hardness < 0.08) return;
  // Away from the light, longer the lower the light stands; a thing's own breadth is the shadow's.
  const way = { x: -Math.sin(light.from), z: Math.cos(light.from) };
  const long = size.high * 0.5;
  const middle = at(ground.x + way.x * long * 0.62, 0, ground.z + way.z * long * 0.62);
  space.patch(middle, size.wide * 0.7, long, ink, 0.42 * light.hardness, Math.atan2(-way.x, way.z));
}

/** Level, warmth and direction of the light over the whole picture. */
export function applyLight(ctx: SKRSContext2D, width: number, height: number, light: Light): void {
  const warm: Tint = [255, 226, 186];
  const cold: Tint = [204, 224, 255];
  const colour = mix([255, 255, 255], light.warmth >= 0 ? warm : cold, Math.min(1, Math.abs(light.warmth)) * 0.8);
  const level = Math.max(0.05, light.level);
  if (level < 0.995 || Math.abs(light.warmth) > 0.02) {
    const dim = Math.min(1, level);
    // What is dark looks blue to the eye and to a camera.
    const dusk = mix([0.8, 0.9, 1.12], [1, 1, 1], Math.min(1, dim * 1.15));
    ctx.globalCompositeOperation = 'multiply';
    ctx.fillStyle = css([colour[0] * dim * dusk[0], colour[1] * dim * dusk[1], colour[2] * dim * dusk[2]]);
    ctx.fillRect(0, 0, width, height);
  }
  if (level > 1.005) {
    ctx.globalCompositeOperation = 'soft-light';
    ctx.fillStyle = css([255, 250, 240], Math.min(0.7, (level - 1) * 0.9));
    ctx.fillRect(0, 0, width, height);
  }
  const lean = Math.sin(light.from) * (0.25 + 0.75 * light.hardness);
  if (Math.abs(lean) > 0.08) {
    const paint = ctx.createLinearGradient(0, 0, width, 0);
    const dark = css([58, 62, 80], Math.min(0.34, Math.abs(lean) * 0.3));
    paint.addColorStop(lean > 0 ? 0 : 1, dark);
    paint.addColorStop(lean > 0 ? 0.8 : 0.2, 'rgba(58,62,80,0)');
    ctx.globalCompositeOperation = 'multiply';
    ctx.fillStyle = paint;
    ctx.fillRect(0, 0, width, height);
  }
  ctx.globalCompositeOperation = 'source-over';
}
