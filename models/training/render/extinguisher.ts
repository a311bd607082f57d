import type { SKRSContext2D } from '@napi-rs/canvas';
import { type Camera, NEAR } from './camera.ts';
import { at } from './space.ts';
import type { Box, Vec3 } from './types.ts';

/** Metres. */
const HEIGHT = 0.58;
const RADIUS = 0.085;

/** Draws a red cylinder with hose and handle; where it does not stand on the ground it hangs on a hook. */
export function drawExtinguisher(ctx: SKRSContext2D, foot: Vec3, camera: Camera): Box {
  const low = camera.project(foot);
  const high = camera.project(at(foot.x, foot.y + HEIGHT, foot.z));
  if (low.depth <= NEAR || high.depth <= NEAR) return [0, 0, 0, 0];
  const scale = (low.scale + high.scale) / 2;
  const r = RADIUS * scale;
  const [x, top, bottom] = [low.x, high.y, low.y];
  const tall = bottom - top;
  if (foot.y > 0.05) {
    ctx.fillStyle = '#4c5056';
    ctx.fillRect(x - r * 0.4, top - r * 0.2, r * 0.8, tall * 0.3);
  }
  const red = ctx.createLinearGradient(x - r, 0, x + r, 0);
  for (const [part, colour] of [
    [0, '#7c1016'],
    [0.28, '#e2383a'],
    [0.4, '#f0605a'],
    [0.6, '#c41f26'],
    [1, '#6e0d13'],
  ] as const)
    red.addColorStop(part, colour);
  const shoulder = top + tall * 0.3;
  ctx.fillStyle = red;
  ctx.beginPath();
  ctx.moveTo(x - r, shoulder);
  ctx.bezierCurveTo(x - r, top + tall * 0.19, x - r * 0.4, top + tall * 0.17, x - r * 0.3, top + tall * 0.13);
  ctx.lineTo(x + r * 0.3, top + tall * 0.13);
  ctx.bezierCurveTo(x + r * 0.4, top + tall * 0.17, x + r, top + tall * 0.19, x + r, shoulder);
  ctx.lineTo(x + r, bottom - r * 0.25);
  ctx.quadraticCurveTo(x, bottom + r * 0.2, x - r, bottom - r * 0.25);
  ctx.closePath();
  ctx.fill();
  ctx.fillStyle = '#f0e6d2';
  ctx.fillRect(x - r * 0.62, top + tall * 0.44, r * 1.24, tall * 0.24);
  ctx.fillStyle = '#8d1a1e';
  ctx.fillRect(x - r * 0.5, top + tall * 0.48, r, tall * 0.04);
  ctx.fillRect(x - r * 0.5, top + tall * 0.56, r * 0.7, tall * 0.03);
  ctx.fillStyle = '#1c1d20';
  ctx.fillRect(x - r * 0.34, top + tall * 0.06, r * 0.68, tall * 0.09);
  ctx.strokeStyle = '#2a2c30';
  ctx.lineCap = 'round';
  ctx.lineWidth = Math.max(0.7, r * 0.2);
  ctx.beginPath();
  ctx.moveTo(x - r * 0.5, top + tall * 0.02);
  ctx.lineTo(x + r * 0.8, top + tall * 0.05);
  ctx.moveTo(x - r * 0.1, top + tall * 0.09);
  ctx.lineTo(x + r * 0.8, top + tall * 0.11);
  ctx.stroke();
  ctx.lineWidth = Math.max(0.7, r * 0.22);
  ctx.beginPath();
  ctx.moveTo(x - r * 0.3, top + tall * 0.1);
  ctx.bezierCurveTo(x - r * 1.7, top + tall * 0.1, x - r * 1.35, top + tall * 0.5, x - r * 1.12, top + tall * 0.74);
  ctx.stroke();
  return [x - r * 1.5, top, x + r * 1.05, bottom];
}

/** Pixels that an extinguisher can touch. */
export function extinguisherBounds(foot: Vec3, camera: Camera): Box | undefined {
  const low = camera.project(foot);
  const high = camera.project(at(foot.x, foot.y + HEIGHT, foot.z));
  if (low.depth <= NEAR || high.depth <= NEAR) return undefined;
  const r = RADIUS * low.scale * 2;
  return [low.x - r, high.y - r * 0.3, low.x + r, low.y + r * 0.3];
}
