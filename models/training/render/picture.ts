import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import { drawHead } from './head.ts';
import { random } from './random.ts';
import { css, hsl } from './tint.ts';
import type { Box, HeadTruth, Point, Thing } from './types.ts';

export type PictureThing = Extract<Thing, { kind: 'picture' }>;

/** Where a picture is held: its middle in pixels and the pixels of a metre there. */
export interface Hold {
  x: number;
  y: number;
  scale: number;
}

const SHAPE = { paper: 1.34, screen: 1.8 } as const;

export function pictureBounds(thing: PictureThing, hold: Hold): Box {
  const half = Math.hypot(thing.width, thing.width * SHAPE[thing.on]) * hold.scale * 0.62 + 2;
  return [hold.x - half, hold.y - half, hold.x + half, hold.y + half];
}

/** Draws a face on paper or on a screen; the truth's face is in pixels of the picture it is drawn into. */
export function drawPicture(
  ctx: SKRSContext2D,
  thing: PictureThing,
  hold: Hold,
): { box: Box; face: HeadTruth['face'] } {
  const numbers = random(`picture/${thing.id}`);
  const wide = Math.max(8, thing.width * hold.scale);
  const tall = wide * SHAPE[thing.on];
  // Drawn flat and somewhat finer than it is shown, then bent onto its place in upright strips.
  const fine = Math.min(2, Math.max(1, 160 / wide));
  const flat = createCanvas(Math.ceil(wide * fine), Math.ceil(tall * fine));
  const pen = flat.getContext('2d');
  pen.scale(flat.width, flat.height);
  const truth =
    thing.on === 'paper'
      ? paper(pen, thing, flat.width, flat.height, numbers.next())
      : screen(pen, thing, flat.width, flat.height, numbers.next());

  const bend = thing.on === 'paper' ? numbers.between(-0.05, 0.05) : 0;
  const [sin, cos] = [Math.sin(thing.yaw), Math.cos(thing.yaw)];
  const [rs, rc] = [Math.sin(thing.roll), Math.cos(thing.roll)];
  const eye = 4;
  /** From 0..1 across and down the flat picture to pixels. */
  const place = (u: number, v: number): Point => {
    const [px, py] = [u - 0.5, (v - 0.5) * SHAPE[thing.on]];
    const bow = bend * (1 - 4 * px * px);
    const near = eye / (eye + px * sin);
    const [qx, qy] = [px * cos * near, (py + bow) * near];
    return [hold.x + (qx * rc - qy * rs) * wide, hold.y + (qx * rs + qy * rc) * wide];
  };
  const strips = Math.max(6, Math.min(40, Math.ceil(wide / 4)));
  ctx.save();
  ctx.imageSmoothingQuality = 'medium';
  for (let n = 0; n < strips; n += 1) {
    const [u0, u1] = [n / strips, (n + 1) / strips];
    const [a, b, c] = [place(u0, 0), place(u1, 0), place(u0, 1)];
    const over = 1.02 + 0.6 / Math.max(1, Math.hypot(b[0] - a[0], b[1] - a[1]));
    ctx.save();
    ctx.transform(b[0] - a[0], b[1] - a[1], c[0] - a[0], c[1] - a[1], a[0], a[1]);
    const last = n === strips - 1 ? 1 : over;
    ctx.drawImage(
      flat,
      u0 * flat.width,
      0,
      (flat.width / strips) * Math.min(last, (1 - u0) * strips),
      flat.height,
      0,
      0,
      last,
      1,
    );
    ctx.restore();
  }
  ctx.restore();
  const box = boxOf([place(0, 0), place(1, 0), place(0.5, 0), place(0.5, 1), place(1, 1), place(0, 1)]);
  if (!truth.face) return { box, face: undefined };
  const map = ([x, y]: Point): Point => place(x / flat.width, y / flat.height);
  const [l, t, r, b] = truth.face.box;
  const landmarks = truth.face.landmarks.map(map) as [Point, Point, Point, Point, Point];
  const corners: Point[] = [
    [l, t],
    [r, t],
    [r, b],
    [l, b],
  ];
  return { box, face: { box: boxOf(corners.map(map)), landmarks } };
}

function boxOf(points: readonly Point[]): Box {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** Draws the face in a window (parts of the sheet); the truth is in pixels of the sheet. */
function portrait(
  ctx: SKRSContext2D,
  thing: PictureThing,
  width: number,
  height: number,
  [x0, y0, x1, y1]: Box,
  seed: number,
): HeadTruth {
  const numbers = random(`${thing.id}/${seed}`);
  const ground = hsl(numbers.between(0, 360), numbers.between(0, 0.35), numbers.between(0.45, 0.85));
  ctx.save();
  ctx.beginPath();
  ctx.rect(x0, y0, x1 - x0, y1 - y0);
  ctx.clip();
  ctx.fillStyle = css(ground);
  ctx.fillRect(x0, y0, x1 - x0, y1 - y0);
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  const [cx, cy] = [((x0 + x1) / 2) * width, (y0 + (y1 - y0) * 0.44) * height];
  const radius = Math.min((x1 - x0) * width * numbers.between(0.4, 0.47), (y1 - y0) * height * 0.38);
  ctx.fillStyle = css(hsl(numbers.between(0, 360), numbers.between(0.05, 0.5), numbers.between(0.18, 0.6)));
  ctx.beginPath();
  ctx.ellipse(cx, cy + radius * 2.1, radius * 1.5, radius * 1.05, 0, 0, Math.PI * 2);
  ctx.fill();
  const truth = drawHead(ctx, thing.shows, thing.look, {
    x: cx,
    y: cy,
    radius,
    yaw: numbers.normal() * 0.08,
    pitch: numbers.normal() * 0.04,
    roll: 0,
  });
  ctx.restore();
  return truth;
}

function paper(ctx: SKRSContext2D, thing: PictureThing, width: number, height: number, seed: number): HeadTruth {
  ctx.fillStyle = '#f3f2ee';
  ctx.fillRect(0, 0, 1, 1);
  const truth = portrait(ctx, thing, width, height, [0.06, 0.05, 0.94, 0.95], seed);
  // Print is paler than life, and paper shines.
  ctx.fillStyle = 'rgba(244,240,228,.13)';
  ctx.fillRect(0, 0, 1, 1);
  const glare = ctx.createLinearGradient(seed * 0.6, 0, seed * 0.6 + 0.5, 1);
  for (const [part, alpha] of [
    [0, 0],
    [0.4, 0.05],
    [0.5, 0.26],
    [0.62, 0.04],
    [1, 0],
  ] as const)
    glare.addColorStop(part, `rgba(255,255,255,${alpha})`);
  ctx.fillStyle = glare;
  ctx.fillRect(0, 0, 1, 1);
  ctx.strokeStyle = 'rgba(90,90,84,.5)';
  ctx.lineWidth = 0.008;
  ctx.strokeRect(0, 0, 1, 1);
  return truth;
}

function screen(ctx: SKRSContext2D, thing: PictureThing, width: number, height: number, seed: number): HeadTruth {
  ctx.fillStyle = '#14161a';
  ctx.beginPath();
  ctx.roundRect(0, 0, 1, 1, [0.08]);
  ctx.fill();
  const window: Box = [0.05, 0.045, 0.95, 0.955];
  const truth = portrait(ctx, thing, width, height, window, seed);
  const [x0, y0, x1, y1] = window;
  // Glow of the screen, the lines of its rows against the camera's, and a lamp reflected in the glass.
  ctx.fillStyle = 'rgba(150,190,255,.16)';
  ctx.fillRect(x0, y0, x1 - x0, y1 - y0);
  const rows = 60 + Math.round(seed * 60);
  ctx.fillStyle = 'rgba(8,12,30,.1)';
  for (let n = 0; n < rows; n += 1) ctx.fillRect(x0, y0 + ((y1 - y0) * n) / rows, x1 - x0, (y1 - y0) / rows / 2);
  const beat = ctx.createLinearGradient(0, 0, 0.3, 1);
  for (let n = 0; n <= 8; n += 1) beat.addColorStop(n / 8, `rgba(${n % 2 ? '255,210,255' : '190,255,230'},.07)`);
  ctx.fillStyle = beat;
  ctx.fillRect(x0, y0, x1 - x0, y1 - y0);
  ctx.fillStyle = 'rgba(255,255,255,.13)';
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.lineTo(x0 + 0.35 + seed * 0.2, y0);
  ctx.lineTo(x0, y0 + 0.5);
  ctx.closePath();
  ctx.fill();
  return truth;
}
