import type { SKRSContext2D } from '@napi-rs/canvas';
import { faceColours } from './face-colours.ts';
import { random } from './random.ts';
import { css, mix, shade, type Tint, tint } from './tint.ts';
import type { Tube } from './tube.ts';
import type { Clothes, Colour, Pattern, Person } from './types.ts';

/** Shades that people call by a colour's name. */
const TONES: Record<Colour, readonly string[]> = {
  black: ['#26272e', '#2c2b33', '#202328'],
  white: ['#f4f2ec', '#eef0f2', '#f8f5ef'],
  gray: ['#8e939a', '#a2a6ab', '#777d85'],
  red: ['#c8403c', '#b5322f', '#d9534a'],
  yellow: ['#efbf3f', '#f3cd55', '#e2ad33'],
  blue: ['#3467ad', '#4380c6', '#28508c'],
  green: ['#3f8c59', '#2f7450', '#5aa366'],
  purple: ['#7b4c9f', '#8d5db6', '#673c88'],
};

/** One of the shades of a colour; `name` picks which. */
export function toned(colour: Colour, name: string): Tint {
  return tint(random(`tone/${name}`).pick(TONES[colour]));
}

/** Stuff with its pattern. */
export interface Cloth {
  base: Tint;
  second: Tint;
  pattern: Pattern;
  /** Stripes run down, not around. */
  down: boolean;
  /** Which motif, width of stripes and so on: 0, 1 or 2. */
  kind: number;
}

/** What somebody wears, in colours. */
export interface Outfit {
  coat: Cloth;
  lower: Cloth;
  shoes: Tint;
  bag: Tint;
  skin: Tint;
  gloves: Tint;
}

export function outfitOf(person: Person): Outfit {
  const { coat, lower, shoes, bag, uniform } = person.clothes;
  const name = `${person.face.id}/${uniform}`;
  return {
    coat: clothOf(coat.colour, coat.pattern, `${name}/coat`, coat.style === 'shirt' || coat.style === 'business_suit'),
    lower: clothOf(lower.colour, lower.pattern, `${name}/lower`, true),
    shoes: toned(shoes.colour, `${name}/shoes`),
    bag: bag ? toned(bag.colour, `${name}/bag`) : [0, 0, 0],
    skin: faceColours(person.face).skin,
    gloves: gloveTint(person.clothes, name),
  };
}

function gloveTint(clothes: Clothes, name: string): Tint {
  if (clothes.uniform === 'st_medical_uniform') return tint('#7fb4d8');
  if (clothes.uniform === 'st_chef_uniform') return tint('#e9eef0');
  return tint(random(`gloves/${name}`).pick(['#23252d', '#eab71f', '#2f6fd0', '#3d9a4a']));
}

function clothOf(colour: Colour, pattern: Pattern, name: string, formal: boolean): Cloth {
  const source = random(`cloth/${name}/${colour}/${pattern}`);
  const base = uniformTint(name, colour) ?? toned(colour, name);
  const others: Record<Colour, readonly string[]> = {
    black: ['#e9e6df', '#c8403c', '#8e939a'],
    white: ['#28508c', '#c8403c', '#3a3c44'],
    gray: ['#f4f2ec', '#2b2d35', '#28508c'],
    red: ['#f4f2ec', '#28304a', '#f3cd55'],
    yellow: ['#fdf8ea', '#3a3c44', '#3467ad'],
    blue: ['#f4f2ec', '#17294d', '#f3cd55'],
    green: ['#f4f2ec', '#17402c', '#f3cd55'],
    purple: ['#f4f2ec', '#38204e', '#e9c6ee'],
  };
  return {
    base,
    second: tint(source.pick(others[colour])),
    pattern,
    down: formal,
    kind: source.int(0, 2),
  };
}

function uniformTint(name: string, colour: Colour): Tint | undefined {
  if (name.includes('st_police_uniform') && colour === 'blue') return tint('#233a66');
  if (name.includes('st_worker_uniform') && colour === 'blue') return tint('#2f5f9e');
  if (name.includes('st_chef_uniform') && colour === 'white') return tint('#fbfaf6');
  return undefined;
}

/** The least pixels of a stripe that is drawn. */
const LEAST = 0.7;

/**
 * Draws a cloth's pattern on a tube that is clipped to itself. `scale` is pixels per metre, `split` where a spliced
 * cloth changes its colour (in metres along the tube).
 */
export function paintPattern(ctx: SKRSContext2D, tube: Tube, cloth: Cloth, scale: number, split: number): void {
  ctx.lineCap = 'butt';
  ctx.lineJoin = 'round';
  const { pattern, second, base, kind } = cloth;
  if (pattern === 'st_stripe') {
    const [colour, opacity, offset] = [second, 1, 0];
    if (cloth.down) {
      const [width, gap] = [kind === 0 ? 0.007 : 0.011, kind === 2 ? 0.055 : 0.04];
      lengthwise(ctx, tube, { colour, width, gap, opacity, offset }, scale);
    } else {
      const [width, gap] = [[0.02, 0.026, 0.034][kind]!, [0.065, 0.085, 0.11][kind]!];
      around(ctx, tube, { colour, width, gap, opacity, offset }, scale);
    }
  } else if (pattern === 'st_lattic') {
    const gap = [0.055, 0.075, 0.095][kind]!;
    const broad = { colour: second, width: gap * 0.34, gap, opacity: 0.5, offset: 0 };
    const fine = { colour: mix(base, [255, 255, 255], 0.6), width: gap * 0.07, gap, opacity: 0.8, offset: 0.5 };
    for (const stripes of [broad, fine]) {
      around(ctx, tube, stripes, scale);
      lengthwise(ctx, tube, stripes, scale);
    }
  } else if (pattern === 'st_design') motifs(ctx, tube, cloth, scale);
  else if (pattern === 'st_joint' && Number.isFinite(split)) {
    fillBeyond(ctx, tube, split, second);
    tube.band(ctx, split, shade(second, 0.75), Math.max(LEAST, 0.006 * scale), 0.8);
  }
}

/** Fills all that lies before `at` along the tube. */
export function fillBeyond(ctx: SKRSContext2D, tube: Tube, at: number, colour: Tint): void {
  const span = at - tube.from;
  if (span <= 0) return;
  const steps = 8;
  for (let n = 0; n < steps; n += 1) {
    const from = tube.from + (span * n) / steps - (n === 0 ? 0.05 : 0.004);
    const to = tube.from + (span * (n + 1)) / steps;
    const corners: [number, number][] = [];
    const middle = tube.facing(tube.ring(to));
    for (let k = -4; k <= 4; k += 1) corners.push([to, middle + (k / 4) * 1.57]);
    for (let k = 4; k >= -4; k -= 1) corners.push([from, middle + (k / 4) * 1.57]);
    tube.patch(ctx, corners, colour);
  }
}

interface Stripes {
  colour: Tint;
  /** Metres. */
  width: number;
  /** From one stripe to the next, metres; lengthwise about. */
  gap: number;
  opacity: number;
  /** Of the first, in parts of the gap. */
  offset: number;
}

function around(ctx: SKRSContext2D, tube: Tube, stripes: Stripes, scale: number): void {
  const { colour, width, gap, opacity } = stripes;
  if (width * scale < LEAST * 0.6) return;
  const offset = gap * stripes.offset;
  const first = Math.ceil((tube.from - offset) / gap);
  for (let n = first; n * gap + offset < tube.to; n += 1)
    tube.band(ctx, n * gap + offset, colour, width * scale, opacity);
}

function lengthwise(ctx: SKRSContext2D, tube: Tube, stripes: Stripes, scale: number): void {
  const { colour, width, gap, opacity, offset } = stripes;
  if (width * scale < LEAST * 0.5) return;
  const ring = tube.ring((tube.from + tube.to) / 2);
  const size =
    (Math.hypot(ring.left.x, ring.left.y, ring.left.z) + Math.hypot(ring.ahead.x, ring.ahead.y, ring.ahead.z)) / 2;
  const count = Math.max(4, Math.round((Math.PI * 2 * size) / gap));
  const angles = Array.from({ length: count }, (_, n) => ((n + offset) / count) * Math.PI * 2);
  tube.lengths(ctx, angles, colour, width * scale, opacity);
}

function motifs(ctx: SKRSContext2D, tube: Tube, cloth: Cloth, scale: number): void {
  const gap = [0.07, 0.085, 0.1][cloth.kind]!;
  const size = gap * 0.3 * scale;
  if (size < 0.5) return;
  let row = 0;
  for (let at = Math.ceil(tube.from / gap) * gap; at < tube.to; at += gap * 0.8) {
    const ring = tube.ring(at);
    const radius =
      (Math.hypot(ring.left.x, ring.left.y, ring.left.z) + Math.hypot(ring.ahead.x, ring.ahead.y, ring.ahead.z)) / 2;
    const count = Math.max(3, Math.round((Math.PI * 2 * radius) / gap));
    for (let n = 0; n < count; n += 1) {
      const angle = ((n + (row % 2) / 2) / count) * Math.PI * 2;
      if (cloth.kind === 0 || size < 2.2) tube.dot(ctx, at, angle, size, cloth.second);
      else if (cloth.kind === 1) flower(ctx, tube, at, angle, size, cloth);
      else diamond(ctx, tube, at, angle, size, cloth);
    }
    row += 1;
  }
}

function flower(ctx: SKRSContext2D, tube: Tube, at: number, angle: number, size: number, cloth: Cloth): void {
  const point = tube.seen(at, angle);
  if (point.seen <= 0.1) return;
  ctx.fillStyle = css(cloth.second);
  ctx.beginPath();
  for (let n = 0; n < 5; n += 1) {
    const turn = (n / 5) * Math.PI * 2;
    const x = point.x + Math.cos(turn) * size * 0.62 * point.seen;
    const y = point.y + Math.sin(turn) * size * 0.62;
    ctx.moveTo(x, y);
    ctx.ellipse(x, y, size * 0.45 * point.seen, size * 0.45, 0, 0, Math.PI * 2);
  }
  ctx.fill();
  tube.dot(ctx, at, angle, size * 0.3, shade(cloth.base, 1.25));
}

function diamond(ctx: SKRSContext2D, tube: Tube, at: number, angle: number, size: number, cloth: Cloth): void {
  const { x, y, seen } = tube.seen(at, angle);
  if (seen <= 0.1) return;
  ctx.fillStyle = css(cloth.second);
  ctx.beginPath();
  ctx.moveTo(x, y - size);
  ctx.lineTo(x + size * seen, y);
  ctx.lineTo(x, y + size);
  ctx.lineTo(x - size * seen, y);
  ctx.closePath();
  ctx.fill();
}
