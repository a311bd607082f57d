import type { Point } from './types.ts';

/** Glyphs stand in a field of this size, y down. */
export const GLYPH_WIDTH = 4;
export const GLYPH_HEIGHT = 6;

/**
 * Strokes of capital letters and digits, drawn for this project: `M` begins a stroke, `L` is a straight line, `Q` bends
 * by way of its first point to its second.
 */
const STROKES: Readonly<Record<string, string>> = {
  A: 'M0 6 L2 0 L4 6 M.75 3.9 L3.25 3.9',
  B: 'M0 0 L0 6 L2.4 6 Q4 6 4 4.4 Q4 2.9 2.4 2.9 L0 2.9 M0 0 L2.2 0 Q3.7 0 3.7 1.45 Q3.7 2.9 2.2 2.9',
  C: 'M4 1.5 Q4 0 2 0 Q0 0 0 2 L0 4 Q0 6 2 6 Q4 6 4 4.5',
  D: 'M0 0 L0 6 L1.8 6 Q4 6 4 3.8 L4 2.2 Q4 0 1.8 0 L0 0',
  E: 'M4 0 L0 0 L0 6 L4 6 M0 3 L3.2 3',
  F: 'M4 0 L0 0 L0 6 M0 3 L3.2 3',
  G: 'M4 1.5 Q4 0 2 0 Q0 0 0 2 L0 4 Q0 6 2 6 Q4 6 4 4.2 L4 3.2 L2.2 3.2',
  H: 'M0 0 L0 6 M4 0 L4 6 M0 3 L4 3',
  I: 'M2 0 L2 6 M.9 0 L3.1 0 M.9 6 L3.1 6',
  J: 'M1.2 0 L3.6 0 L3.6 4.2 Q3.6 6 1.8 6 Q0 6 0 4.4',
  K: 'M0 0 L0 6 M3.9 0 L.1 3.6 M1.4 2.5 L4 6',
  L: 'M0 0 L0 6 L3.9 6',
  M: 'M0 6 L0 0 L2 3.6 L4 0 L4 6',
  N: 'M0 6 L0 0 L4 6 L4 0',
  O: 'M2 0 Q0 0 0 2 L0 4 Q0 6 2 6 Q4 6 4 4 L4 2 Q4 0 2 0',
  P: 'M0 6 L0 0 L2.4 0 Q4 0 4 1.7 Q4 3.4 2.4 3.4 L0 3.4',
  Q: 'M2 0 Q0 0 0 2 L0 4 Q0 6 2 6 Q4 6 4 4 L4 2 Q4 0 2 0 M2.3 4.1 L4.2 6.3',
  R: 'M0 6 L0 0 L2.4 0 Q4 0 4 1.6 Q4 3.2 2.4 3.2 L0 3.2 M2 3.2 L4 6',
  S: 'M3.9 1.4 Q3.9 0 2 0 Q0 0 0 1.5 Q0 2.8 2 3 Q4 3.2 4 4.5 Q4 6 2 6 Q0 6 0 4.6',
  T: 'M0 0 L4 0 M2 0 L2 6',
  U: 'M0 0 L0 4 Q0 6 2 6 Q4 6 4 4 L4 0',
  V: 'M0 0 L2 6 L4 0',
  W: 'M0 0 L.9 6 L2 2.2 L3.1 6 L4 0',
  X: 'M0 0 L4 6 M4 0 L0 6',
  Y: 'M0 0 L2 2.9 L4 0 M2 2.9 L2 6',
  Z: 'M0 0 L4 0 L0 6 L4 6',
  '0': 'M2 0 Q.5 0 .5 2 L.5 4 Q.5 6 2 6 Q3.5 6 3.5 4 L3.5 2 Q3.5 0 2 0 M2.9 1.7 L1.1 4.3',
  '1': 'M.8 1.3 L2.3 0 L2.3 6',
  '2': 'M.1 1.5 Q.1 0 2 0 Q3.9 0 3.9 1.6 Q3.9 2.8 2.4 3.9 L0 6 L4 6',
  '3': 'M.2 0 L3.8 0 L1.9 2.4 Q4 2.4 4 4.2 Q4 6 2 6 Q0 6 0 4.7',
  '4': 'M2.7 0 L0 4.2 L4 4.2 M3 2.6 L3 6',
  '5': 'M3.7 0 L.5 0 L.2 2.7 Q1 2.2 2 2.2 Q4 2.2 4 4.1 Q4 6 2 6 Q.3 6 0 4.9',
  '6': 'M3.4 0 Q0 1.2 0 4.2 Q0 6 2 6 Q4 6 4 4.2 Q4 2.5 2 2.5 Q.3 2.5 0 4',
  '7': 'M0 0 L4 0 L1.4 6',
  '8': 'M2 2.8 Q.3 2.8 .3 1.4 Q.3 0 2 0 Q3.7 0 3.7 1.4 Q3.7 2.8 2 2.8 Q0 2.8 0 4.4 Q0 6 2 6 Q4 6 4 4.4 Q4 2.8 2 2.8',
  '9': 'M.6 6 Q4 4.8 4 1.8 Q4 0 2 0 Q0 0 0 1.8 Q0 3.5 2 3.5 Q3.7 3.5 4 2',
  '-': 'M.6 3 L3.4 3',
};

/** Style 1 is angular, style 2 narrow and a little slanted; these differ by more than their outline. */
const OTHERS: Readonly<Record<string, string>>[] = [
  {},
  { '0': 'M2 0 Q0 0 0 2 L0 4 Q0 6 2 6 Q4 6 4 4 L4 2 Q4 0 2 0 M2 2.5 L2 3.5', I: 'M2 0 L2 6' },
  { '7': 'M0 0 L4 0 L1.6 6 M1 3 L3.6 3', '1': 'M.6 1.5 L2.1 0 L2.1 6 M.7 6 L3.5 6' },
];

const cache = new Map<string, Point[][]>();

/** The strokes of one letter or digit in one of three styles; none for a character that has no glyph. */
export function glyph(letter: string, style: 0 | 1 | 2): Point[][] {
  const key = `${style}${letter}`;
  const known = cache.get(key);
  if (known) return known;
  const text = OTHERS[style]?.[letter] ?? STROKES[letter];
  if (text === undefined) return [];
  const strokes = flatten(text, style === 1 ? 2 : 6);
  if (style === 2)
    for (const stroke of strokes) for (const point of stroke) point[0] = 0.35 + point[0] * 0.8 + (3 - point[1]) * 0.06;
  cache.set(key, strokes);
  return strokes;
}

/** Bends become `steps` straight lines. */
function flatten(text: string, steps: number): Point[][] {
  const strokes: Point[][] = [];
  for (const [, kind, rest] of text.matchAll(/([MLQ])([^MLQ]*)/g)) {
    const [a, b, c, d] = rest!.trim().split(/\s+/).map(Number) as [number, number, number, number];
    if (kind === 'M') {
      strokes.push([[a, b]]);
      continue;
    }
    const stroke = strokes.at(-1)!;
    if (kind === 'L') {
      stroke.push([a, b]);
      continue;
    }
    const [x, y] = stroke.at(-1)!;
    for (let n = 1; n <= steps; n += 1) {
      const t = n / steps;
      const [p, q, r] = [(1 - t) ** 2, 2 * t * (1 - t), t * t];
      stroke.push([p * x + q * a + r * c, p * y + q * b + r * d]);
    }
  }
  return strokes;
}
