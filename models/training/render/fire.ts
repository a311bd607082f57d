import type { SKRSContext2D } from '@napi-rs/canvas';
import { type Camera, NEAR } from './camera.ts';
import { random } from './random.ts';
import { at } from './space.ts';
import type { Box, Vec3 } from './types.ts';

/** Flames or smoke at one moment; `phase` 0 and 1 look the same. */
export interface Blaze {
  kind: 'fire' | 'smoke';
  id: string;
  position: Vec3;
  /** Metres high. */
  size: number;
  phase: number;
}

/** Pixels that flames or smoke can touch; undefined behind the camera. */
export function blazeBounds(blaze: Blaze, camera: Camera): Box | undefined {
  const foot = camera.project(blaze.position);
  const crown = camera.project(at(blaze.position.x, blaze.position.y + blaze.size, blaze.position.z));
  if (foot.depth <= NEAR || crown.depth <= NEAR) return undefined;
  const tall = Math.max(4, foot.y - crown.y);
  const half = tall * (blaze.kind === 'fire' ? 0.8 : 0.85);
  return [foot.x - half, foot.y - tall * 1.35, foot.x + half, foot.y + tall * 0.2];
}

/**
 * Draws flames or smoke.
 *
 * @returns The box of what people would call the fire or the smoke: its glow and thin edges are outside.
 */
export function drawBlaze(ctx: SKRSContext2D, blaze: Blaze, camera: Camera): Box {
  const foot = camera.project(blaze.position);
  const crown = camera.project(at(blaze.position.x, blaze.position.y + blaze.size, blaze.position.z));
  if (foot.depth <= NEAR || crown.depth <= NEAR) return [0, 0, 0, 0];
  const tall = Math.max(4, foot.y - crown.y);
  return blaze.kind === 'fire' ? flames(ctx, blaze, foot.x, foot.y, tall) : plume(ctx, blaze, foot.x, foot.y, tall);
}

const TAU = Math.PI * 2;
const HEAT = [
  ['rgba(196,44,8,.72)', 1, 1],
  ['rgba(238,92,14,.86)', 0.84, 0.8],
  ['rgba(252,156,28,.9)', 0.66, 0.58],
  ['rgba(255,214,84,.92)', 0.46, 0.38],
  ['rgba(255,248,206,.9)', 0.26, 0.22],
] as const;

function flames(ctx: SKRSContext2D, blaze: Blaze, x: number, y: number, tall: number): Box {
  const numbers = random(`fire/${blaze.id}`);
  const half = tall * 0.34;
  const tongues = Array.from({ length: 11 }, (_, n) => ({
    across: ((n + 0.5) / 11 - 0.5) * 2 * half * 0.8 + numbers.normal() * half * 0.08,
    high: tall * numbers.between(0.45, 0.8) * (1 - Math.abs((n + 0.5) / 11 - 0.5) * 0.9) * 1.25,
    wide: half * numbers.between(0.24, 0.46),
    beat: numbers.int(1, 3),
    start: numbers.next(),
    lean: numbers.normal() * 0.1,
  }));
  const glow = ctx.createRadialGradient(x, y - tall * 0.4, 0, x, y - tall * 0.4, tall * 0.78);
  glow.addColorStop(0, 'rgba(255,150,40,.4)');
  glow.addColorStop(0.6, 'rgba(255,110,20,.12)');
  glow.addColorStop(1, 'rgba(255,90,10,0)');
  ctx.fillStyle = glow;
  ctx.fillRect(x - tall, y - tall * 1.3, tall * 2, tall * 1.5);
  const box: Box = [x - half, y, x + half, y + tall * 0.02];
  for (const [colour, high, wide] of HEAT) {
    ctx.fillStyle = colour;
    ctx.beginPath();
    for (const tongue of tongues) {
      const beat = (blaze.phase * tongue.beat + tongue.start) * TAU;
      const up = tongue.high * (1 + 0.2 * Math.sin(beat)) * high;
      const sway = Math.sin(beat * 1 + 1.3) * tongue.wide * 0.55 + tongue.lean * up;
      const [cx, w] = [x + tongue.across * (0.55 + 0.45 * wide), tongue.wide * wide];
      ctx.moveTo(cx - w, y);
      ctx.bezierCurveTo(cx - w * 1.5, y - up * 0.4, cx + sway * 0.2 - w * 0.2, y - up * 0.55, cx + sway, y - up);
      ctx.bezierCurveTo(cx + sway * 0.6 + w * 0.5, y - up * 0.6, cx + w * 1.6, y - up * 0.35, cx + w, y);
      ctx.bezierCurveTo(cx + w * 0.7, y + w * 0.7, cx - w * 0.7, y + w * 0.7, cx - w, y);
      if (high === 1) {
        box[0] = Math.min(box[0], cx - w * 1.1);
        box[1] = Math.min(box[1], y - up);
        box[2] = Math.max(box[2], cx + w * 1.15);
      }
    }
    ctx.fill();
  }
  for (let n = 0; n < 8; n += 1) {
    const life = (blaze.phase + numbers.next()) % 1;
    const spread = numbers.normal();
    ctx.fillStyle = `rgba(255,196,90,${(0.85 * (1 - life)).toFixed(3)})`;
    const size = Math.max(0.4, tall * 0.011);
    ctx.fillRect(x + spread * half * (0.4 + life * 0.5), y - tall * (0.3 + 0.95 * life), size, size * 1.6);
  }
  return box;
}

function plume(ctx: SKRSContext2D, blaze: Blaze, x: number, y: number, tall: number): Box {
  const numbers = random(`smoke/${blaze.id}`);
  const grey = numbers.int(70, 190);
  const drift = numbers.between(-0.3, 0.3);
  const box: Box = [x, y, x, y];
  const puffs = Array.from({ length: 34 }, (_, n) => ({
    life: (n / 34 + blaze.phase / 4 + (Math.floor(n * 4.7) % 4) / 4) % 1,
    across: numbers.normal(),
    size: numbers.between(0.75, 1.25),
    tone: numbers.int(-26, 26),
    sway: numbers.next(),
  }));
  for (const puff of puffs.sort((a, b) => b.life - a.life)) {
    const { life } = puff;
    // Thin where it is born and where it ends, so that nothing jumps when a puff begins anew.
    const strength = Math.min(1, life * 7) * (1 - life) ** 0.8;
    const radius = tall * (0.05 + 0.2 * life) * puff.size;
    const cx =
      x +
      tall * (drift * life ** 1.4 + puff.across * 0.09 * (0.25 + life)) +
      Math.sin((life * 2 + puff.sway) * TAU) * tall * 0.02;
    const cy = y - tall * 0.98 * life ** 0.85;
    const tone = grey + puff.tone + life * 24;
    const paint = ctx.createRadialGradient(cx - radius * 0.25, cy - radius * 0.3, 0, cx, cy, radius);
    const [r, g, b] = [tone, tone + 1, tone + 4].map((part) => Math.round(Math.max(0, Math.min(255, part))));
    paint.addColorStop(0, `rgba(${r! + 16},${g! + 16},${b! + 16},${(0.72 * strength).toFixed(3)})`);
    paint.addColorStop(0.55, `rgba(${r},${g},${b},${(0.5 * strength).toFixed(3)})`);
    paint.addColorStop(1, `rgba(${r},${g},${b},0)`);
    ctx.fillStyle = paint;
    ctx.beginPath();
    ctx.arc(cx, cy, radius, 0, TAU);
    ctx.fill();
    // Where it is this thin, nobody would call it smoke.
    if (strength < 0.34) continue;
    const edge = radius * 0.62;
    box[0] = Math.min(box[0], cx - edge);
    box[1] = Math.min(box[1], cy - edge);
    box[2] = Math.max(box[2], cx + edge);
  }
  return box;
}
