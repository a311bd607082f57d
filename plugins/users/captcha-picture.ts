import { randomInt } from 'node:crypto';

/**
 * Draws a captcha as SVG made of lines only. The digits stand nowhere as text, and no path belongs to one digit: all
 * strokes are bent by one random wave, cut into pieces of random length, mixed with stray pieces of the same kind, and
 * written in random order.
 */

type Point = readonly [x: number, y: number];
type Stroke = readonly Point[];

const WIDTH = 160;
const HEIGHT = 60;
const STRAY_STROKES = 6;

/** Strokes of each digit in a square of 0..1, as the points a smooth line goes through. */
const DIGITS: readonly (readonly Stroke[])[] = [
  [ring(0.5, 0.5, 0.32, 0.46)],
  [
    [
      [0.26, 0.26],
      [0.42, 0.15],
      [0.55, 0.04],
    ],
    straight([0.55, 0.04], [0.55, 0.96]),
    straight([0.32, 0.96], [0.78, 0.96]),
  ],
  [
    [
      [0.18, 0.28],
      [0.3, 0.08],
      [0.58, 0.04],
      [0.78, 0.2],
      [0.74, 0.42],
      [0.5, 0.66],
      [0.18, 0.95],
    ],
    straight([0.18, 0.95], [0.84, 0.95]),
  ],
  [
    [
      [0.2, 0.14],
      [0.42, 0.03],
      [0.7, 0.09],
      [0.76, 0.28],
      [0.62, 0.44],
      [0.42, 0.47],
    ],
    [
      [0.42, 0.47],
      [0.68, 0.5],
      [0.82, 0.68],
      [0.7, 0.9],
      [0.42, 0.97],
      [0.17, 0.86],
    ],
  ],
  [straight([0.66, 0.04], [0.14, 0.66]), straight([0.14, 0.66], [0.88, 0.66]), straight([0.66, 0.04], [0.66, 0.97])],
  [
    straight([0.78, 0.05], [0.28, 0.05]),
    straight([0.28, 0.05], [0.24, 0.44]),
    [
      [0.24, 0.44],
      [0.5, 0.36],
      [0.78, 0.48],
      [0.8, 0.76],
      [0.56, 0.96],
      [0.2, 0.88],
    ],
  ],
  [
    [
      [0.7, 0.05],
      [0.42, 0.2],
      [0.24, 0.48],
      [0.2, 0.72],
    ],
    ring(0.5, 0.7, 0.3, 0.26),
  ],
  [straight([0.16, 0.05], [0.84, 0.05]), straight([0.84, 0.05], [0.4, 0.97])],
  [ring(0.5, 0.26, 0.25, 0.22), ring(0.5, 0.72, 0.31, 0.25)],
  [
    ring(0.5, 0.3, 0.3, 0.26),
    [
      [0.8, 0.28],
      [0.77, 0.52],
      [0.6, 0.8],
      [0.34, 0.96],
    ],
  ],
];

/** SVG of 160 x 60 units that shows `digits`. */
export function captchaPicture(digits: string): string {
  const bend = wave();
  const step = WIDTH / (digits.length + 0.6);
  const strokes = [...digits].flatMap((digit, index) =>
    placed(DIGITS[Number(digit)] ?? [], step * (index + 0.8), step),
  );
  const stray = Array.from({ length: STRAY_STROKES }, strayStroke);
  const pieces = shuffled([...strokes, ...stray].flatMap((stroke) => cut(smooth(stroke).map(bend))));
  const paths = pieces.map(
    (piece) => `<path d="${pathOf(piece)}" stroke-width="${uniform(1.8, 2.6).toFixed(1)}" opacity="${tone()}"/>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}">` +
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#f3f4f6"/>` +
    `<g fill="none" stroke="#27313f" stroke-linecap="round" stroke-linejoin="round">${paths.join('')}</g></svg>`
  );
}

/** A digit's strokes turned, sized and moved at random; `centre` and `step` in units of the picture. */
function placed(strokes: readonly Stroke[], centre: number, step: number): Stroke[] {
  const angle = uniform(-0.28, 0.28);
  const width = step * uniform(0.66, 0.8);
  const height = HEIGHT * uniform(0.6, 0.72);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [dx, dy] = [centre + uniform(-3, 3), HEIGHT / 2 + uniform(-4, 4)];
  return strokes.map((stroke) =>
    stroke.map(([x, y]): Point => {
      const [u, v] = [(x - 0.5) * width + uniform(-0.6, 0.6), (y - 0.5) * height + uniform(-0.6, 0.6)];
      return [dx + u * cos - v * sin, dy + u * sin + v * cos];
    }),
  );
}

/** A short bent line at the upper or lower edge: inside a digit it could make another one of it for people too. */
function strayStroke(): Stroke {
  const [x, edge] = [uniform(4, WIDTH - 4), uniform(3, 10)];
  const y = randomInt(2) === 0 ? edge : HEIGHT - edge;
  const angle = uniform(0, 2 * Math.PI);
  const turn = uniform(-0.8, 0.8);
  const reach = uniform(1.8, 3);
  const points: Point[] = [[x, y]];
  for (let i = 0; i < 3; i++) {
    const [px, py] = points.at(-1) as Point;
    points.push([px + reach * Math.cos(angle + i * turn), py + reach * Math.sin(angle + i * turn)]);
  }
  return points;
}

/** One slow wave over the whole picture, another at each call. */
function wave(): (point: Point) => Point {
  const [ax, ay] = [uniform(1, 2.6), uniform(1.5, 3.5)];
  const [lx, ly] = [uniform(28, 46), uniform(34, 60)];
  const [px, py] = [uniform(0, 2 * Math.PI), uniform(0, 2 * Math.PI)];
  const turn = 2 * Math.PI;
  return ([x, y]) => [x + ax * Math.sin((turn * y) / lx + px), y + ay * Math.sin((turn * x) / ly + py)];
}

/** Points every unit or two along the line through the given points (Catmull-Rom). */
function smooth(stroke: Stroke): Point[] {
  const points: Point[] = [];
  for (let i = 0; i + 1 < stroke.length; i++) {
    const [b, c] = [stroke[i] as Point, stroke[i + 1] as Point];
    const [a, d] = [stroke[i - 1] ?? b, stroke[i + 2] ?? c];
    const steps = Math.max(2, Math.round(Math.hypot(c[0] - b[0], c[1] - b[1]) / uniform(1, 2)));
    for (let k = i === 0 ? 0 : 1; k <= steps; k++) {
      const t = k / steps;
      const at = (axis: 0 | 1) =>
        0.5 *
        (2 * b[axis] +
          (c[axis] - a[axis]) * t +
          (2 * a[axis] - 5 * b[axis] + 4 * c[axis] - d[axis]) * t ** 2 +
          (3 * b[axis] - a[axis] - 3 * c[axis] + d[axis]) * t ** 3);
      points.push([at(0), at(1)]);
    }
  }
  return points;
}

/** The line in pieces of random length, some of them drawn backwards; each begins where another one ended. */
function cut(line: Point[]): Point[][] {
  const pieces: Point[][] = [];
  let start = 0;
  while (start + 1 < line.length) {
    const end = Math.min(start + randomInt(3, 8), line.length - 1);
    const piece = line.slice(start, end + 1);
    pieces.push(randomInt(2) === 0 ? piece : piece.reverse());
    start = end;
  }
  return pieces;
}

function pathOf(points: Point[]): string {
  return points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
}

function ring(x: number, y: number, rx: number, ry: number): Stroke {
  return Array.from({ length: 13 }, (_, i): Point => {
    const angle = (i / 12) * 2 * Math.PI - 0.4;
    return [x + rx * Math.cos(angle), y + ry * Math.sin(angle)];
  });
}

/** A straight line with points in between, so that the wave bends it. */
function straight(from: Point, to: Point): Stroke {
  return [0, 0.25, 0.5, 0.75, 1].map((t): Point => [from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])]);
}

function shuffled<T>(items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const other = randomInt(i + 1);
    [items[i], items[other]] = [items[other] as T, items[i] as T];
  }
  return items;
}

function uniform(low: number, high: number): number {
  return low + ((high - low) * randomInt(1_000_000)) / 1_000_000;
}

function tone(): string {
  return uniform(0.75, 1).toFixed(2);
}
