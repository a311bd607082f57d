import type { SKRSContext2D } from '@napi-rs/canvas';
import { GLYPH_HEIGHT, GLYPH_WIDTH, glyph } from './glyphs.ts';
import type { Random } from './random.ts';
import type { Point } from './types.ts';

/** Corners in pixels: left top, right top, right bottom, left bottom, as the plate is read. */
export type Quad = readonly [Point, Point, Point, Point];
export type PlateStyle = 0 | 1 | 2;

/** Metres. */
export const PLATE_WIDTH = 0.52;
export const PLATE_HEIGHT = 0.125;

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const DIGITS = '0123456789';
const FORMS = [
  'AA 999A',
  'AA-9999',
  'A 99999',
  'AAA 999',
  'AAA9999',
  'AA99 AAA',
  '999 AAA',
  'AA 9999A',
  'A9999AA',
] as const;
const PAINTS = [
  { ground: '#f4f4f0', ink: '#15171b', edge: '#3a3d42', band: undefined },
  { ground: '#f6f6f3', ink: '#101216', edge: '#23262c', band: '#1f4aa8' },
  { ground: '#f3c22c', ink: '#15130c', edge: '#2f2a14', band: undefined },
] as const;

/** A number of five to eight letters and digits, with at most one space or hyphen. */
export function makePlate(random: Random): string {
  return [...random.pick(FORMS)]
    .map((part) => (part === 'A' ? random.pick([...LETTERS]) : part === '9' ? random.pick([...DIGITS]) : part))
    .join('');
}

/** The same plate always has the same style. */
export function plateStyle(text: string): PlateStyle {
  let sum = 0;
  for (const letter of text) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
  return (sum % 3) as PlateStyle;
}

/** Draws a plate into a quad. Characters other than letters, digits, space and hyphen leave a gap. */
export function drawPlate(ctx: SKRSContext2D, text: string, quad: Quad, style: PlateStyle): void {
  const map = perspective(quad);
  const paint = PAINTS[style];
  const area = (x0: number, y0: number, x1: number, y1: number, fill: string): void => {
    ctx.beginPath();
    ctx.moveTo(...map(x0, y0));
    ctx.lineTo(...map(x1, y0));
    ctx.lineTo(...map(x1, y1));
    ctx.lineTo(...map(x0, y1));
    ctx.closePath();
    ctx.fillStyle = fill;
    ctx.fill();
  };
  area(0, 0, 1, 1, paint.edge);
  area(0.008, 0.035, 0.992, 0.965, paint.ground);
  if (paint.band) area(0.008, 0.035, 0.075, 0.965, paint.band);

  const left = paint.band ? 0.1 : 0.05;
  const room = 0.95 - left;
  const aspect = PLATE_WIDTH / PLATE_HEIGHT;
  const letters = [...text.toUpperCase()];
  const advance = (letter: string): number => (letter === ' ' || letter === '-' ? 0.55 : 1);
  const units = letters.reduce((sum, letter) => sum + advance(letter), 0);
  // Letters stand at their natural width unless there are too many of them.
  const step = Math.min(room / units, ((0.64 * GLYPH_WIDTH) / GLYPH_HEIGHT / aspect) * 1.36);
  let x = left + (room - step * units) / 2;
  const high = Math.hypot(quad[3][0] - quad[0][0], quad[3][1] - quad[0][1]);
  const wide = Math.hypot(quad[1][0] - quad[0][0], quad[1][1] - quad[0][1]);
  ctx.strokeStyle = paint.ink;
  ctx.lineJoin = 'round';
  ctx.lineCap = style === 1 ? 'butt' : 'round';
  ctx.lineWidth = Math.max(0.6, Math.min(high * 0.1, step * wide * 0.19));
  ctx.beginPath();
  for (const letter of letters) {
    for (const stroke of glyph(letter, style)) {
      for (const [n, [gx, gy]] of stroke.entries()) {
        const place = map(
          x + step * (0.12 + (0.76 * gx) / GLYPH_WIDTH) * advance(letter),
          0.18 + (0.64 * gy) / GLYPH_HEIGHT,
        );
        if (n === 0) ctx.moveTo(...place);
        else ctx.lineTo(...place);
      }
    }
    x += step * advance(letter);
  }
  ctx.stroke();
}

/** From 0..1 across and down onto a quad, straight lines staying straight. */
export function perspective([a, b, c, d]: Quad): (u: number, v: number) => Point {
  const [dx1, dx2, sx] = [b[0] - c[0], d[0] - c[0], a[0] - b[0] + c[0] - d[0]];
  const [dy1, dy2, sy] = [b[1] - c[1], d[1] - c[1], a[1] - b[1] + c[1] - d[1]];
  const det = dx1 * dy2 - dx2 * dy1;
  // A quad that is seen edge-on has no perspective to speak of.
  const g = Math.abs(det) < 1e-9 ? 0 : (sx * dy2 - dx2 * sy) / det;
  const h = Math.abs(det) < 1e-9 ? 0 : (dx1 * sy - sx * dy1) / det;
  const [m, n] = [b[0] - a[0] + g * b[0], d[0] - a[0] + h * d[0]];
  const [p, q] = [b[1] - a[1] + g * b[1], d[1] - a[1] + h * d[1]];
  return (u, v) => {
    const w = g * u + h * v + 1;
    return [(m * u + n * v + a[0]) / w, (p * u + q * v + a[1]) / w];
  };
}
