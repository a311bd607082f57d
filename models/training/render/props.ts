import type { SKRSContext2D } from '@napi-rs/canvas';
import type { Easel } from './easel.ts';
import { deskOf, loadOf, seatHeight } from './pose.ts';
import { css, mix as mixTint, shade, type Tint, tint } from './tint.ts';
import { hull, limb, Tube } from './tube.ts';
import type { Box, Point, Vec3 } from './types.ts';
import { add, along, cross, dot, sub, times, unit, vec } from './vector.ts';
import { Bounds, type View } from './view.ts';

/** Three half axes of a block, each a direction with its length. */
export interface Block {
  at: Vec3;
  axes: readonly [Vec3, Vec3, Vec3];
}

const SIDES = [
  [0, 1, 2],
  [1, 2, 0],
  [2, 0, 1],
] as const;

/** A block with softened edges; each face is shaded by how it looks at the light. Returns what it covers. */
export function drawBlock(
  ctx: SKRSContext2D,
  view: View,
  block: Block,
  colour: Tint,
  round = 0.006,
  onFace?: (normal: number, sign: number, corners: readonly Point[]) => void,
): Box {
  const { at, axes } = block;
  const bounds = new Bounds();
  const soft = Math.max(0.4, round * view.scale);
  ctx.lineJoin = 'round';
  for (const [n, u, v] of SIDES) {
    const axis = axes[n];
    for (const sign of [1, -1]) {
      const middle = along(at, axis, sign);
      const normal = times(axis, sign);
      if (view.faces(middle, normal) <= 0) continue;
      const corners: Point[] = [];
      for (const [p, q] of [
        [1, 1],
        [1, -1],
        [-1, -1],
        [-1, 1],
      ] as const) {
        const c = view.project(along(along(middle, axes[u], p), axes[v], q));
        corners.push([c.x, c.y]);
        bounds.point(c.x, c.y, soft);
      }
      const out = unit(normal);
      const world = view.direction(out);
      const bright =
        0.92 + 0.16 * world.y + 0.14 * view.light.x * world.x - 0.1 * view.hardness * (world.y < 0 ? 1 : 0);
      ctx.fillStyle = css(shade(colour, bright));
      ctx.strokeStyle = ctx.fillStyle;
      ctx.lineWidth = soft * 2;
      outline(ctx, corners);
      ctx.fill();
      ctx.stroke();
      onFace?.(n, sign, corners);
    }
  }
  return bounds.box();
}

export function outline(ctx: SKRSContext2D, points: readonly Point[]): void {
  ctx.beginPath();
  for (const [n, [x, y]] of points.entries()) {
    if (n === 0) ctx.moveTo(x, y);
    else ctx.lineTo(x, y);
  }
  ctx.closePath();
}

/** A point of a face of four corners: u along its first edge, v along its second. */
export function onQuad(corners: readonly Point[], u: number, v: number): Point {
  const [a, b, c, d] = corners as readonly [Point, Point, Point, Point];
  const x = (a[0] * (1 - u) + b[0] * u) * (1 - v) + (d[0] * (1 - u) + c[0] * u) * v;
  const y = (a[1] * (1 - u) + b[1] * u) * (1 - v) + (d[1] * (1 - u) + c[1] * u) * v;
  return [x, y];
}

/** Fills the part of such a face between two points of it, each given as u and v. */
function fillPart(ctx: SKRSContext2D, corners: readonly Point[], [u1, v1]: Point, [u2, v2]: Point): void {
  outline(ctx, [onQuad(corners, u1, v1), onQuad(corners, u2, v1), onQuad(corners, u2, v2), onQuad(corners, u1, v2)]);
  ctx.fill();
}

const WOOD = tint('#b98a5c');
const FRAME = tint('#4a505a');

/** Parts of the chair by what they stand behind: the seat with its legs, and the back. */
export function drawChair(easel: Easel, part: 'seat' | 'back'): void {
  const { ctx, view, bones } = easel;
  const { build, pelvis } = bones;
  const seat = seatHeight(build);
  const half = 0.115 * build.height;
  const deep = 0.12 * build.height;
  const middle = vec(0, seat - 0.015, pelvis.z + deep * 0.55);
  const leg = (x: number, z: number, top: number, lean: number): void => {
    const a = vec(x, 0, z + lean);
    const b = vec(x, top, z);
    const c = vec(x, top / 2, z + lean / 2);
    new Tube(
      view,
      limb(
        a,
        c,
        b,
        [
          [0, 0.011],
          [1, 0.012],
          [2, 0.012],
        ],
        vec(0, 0, 1),
        0,
      ),
    ).paint(ctx, FRAME);
  };
  const back = middle.z - deep;
  if (part === 'back') {
    const top = seat + 0.27 * build.height;
    const board: Block = {
      at: vec(0, seat + 0.19 * build.height, back - 0.03),
      axes: [vec(half, 0, 0), vec(0, 0.075 * build.height, -0.012), vec(0, 0.002, 0.011)],
    };
    for (const x of [half * 0.9, -half * 0.9]) leg(x, back - 0.02, top * 0.97, 0.02);
    drawBlock(ctx, view, board, WOOD, 0.012);
    return;
  }
  const far = view.depth(vec(0, seat, middle.z + deep)) > view.depth(vec(0, seat, back));
  const order = far ? [deep * 0.9, -deep * 0.9] : [-deep * 0.9, deep * 0.9];
  for (const z of order)
    for (const x of [half * 0.9, -half * 0.9]) leg(x, middle.z + z, seat - 0.02, z > 0 ? 0.015 : -0.03);
  drawBlock(ctx, view, { at: middle, axes: [vec(half, 0, 0), vec(0, 0.014, 0), vec(0, 0, deep)] }, WOOD, 0.014);
}

/** A desk before somebody who sits. */
export function drawDesk(easel: Easel): void {
  const { ctx, view, bones } = easel;
  const desk = deskOf(bones.build);
  const z = desk.from + desk.depth / 2;
  const feet = [desk.depth / 2 - 0.05, -desk.depth / 2 + 0.05].sort(
    (a, b) => view.depth(vec(0, 0, z + b)) - view.depth(vec(0, 0, z + a)),
  );
  for (const dz of feet) {
    for (const x of [desk.half - 0.05, -desk.half + 0.05]) {
      drawBlock(
        ctx,
        view,
        {
          at: vec(x, desk.height / 2 - 0.02, z + dz),
          axes: [vec(0.02, 0, 0), vec(0, desk.height / 2 - 0.02, 0), vec(0, 0, 0.02)],
        },
        FRAME,
        0.003,
      );
    }
  }
  drawBlock(
    ctx,
    view,
    { at: vec(0, desk.height - 0.02, z), axes: [vec(desk.half, 0, 0), vec(0, 0.018, 0), vec(0, 0, desk.depth / 2)] },
    tint('#c9a378'),
    0.008,
  );
}

/** A parcel, carried with both hands. */
export function drawLoad(easel: Easel): Box {
  const { ctx, view, bones, scale } = easel;
  const { at, half } = loadOf(bones.build);
  const tape = tint('#d9bd8c');
  return drawBlock(
    ctx,
    view,
    { at, axes: [vec(half.x, 0, 0), vec(0, half.y, 0), vec(0, 0, half.z)] },
    tint('#bd9059'),
    0.004,
    (normal, _sign, corners) => {
      if (easel.detail < 1) return;
      ctx.fillStyle = css(tape, 0.85);
      if (normal === 1) {
        fillPart(ctx, corners, [0, 0.44], [1, 0.56]);
      } else if (normal === 2 && easel.detail >= 2) {
        ctx.fillStyle = css(tint('#f1ece2'));
        fillPart(ctx, corners, [0.55, 0.2], [0.9, 0.5]);
        ctx.strokeStyle = css(tint('#6b5a45'), 0.6);
        ctx.lineWidth = Math.max(0.6, 0.004 * scale);
        for (const v of [0.28, 0.35, 0.42]) {
          ctx.beginPath();
          ctx.moveTo(...onQuad(corners, 0.6, v));
          ctx.lineTo(...onQuad(corners, 0.8, v));
          ctx.stroke();
        }
      }
    },
  );
}

/** A phone in the right hand: looked at, or at the ear. */
export function drawPhone(easel: Easel, at: 'hand' | 'ear'): Box {
  const { ctx, view, bones } = easel;
  const arm = bones.arms[1];
  const way = unit(sub(arm.tip, arm.wrist));
  const middle = along(along(arm.wrist, way, bones.build.hand * 0.75), vec(0, 1, 0), at === 'hand' ? 0.012 : 0);
  let long: Vec3;
  let face: Vec3;
  if (at === 'hand') {
    const look = unit(sub(along(bones.head, bones.headFrame.up, -0.3 * bones.build.head), middle));
    long = unit(along(vec(0, 1, 0), look, -look.y));
    face = unit(look);
  } else {
    face = unit(add(times(bones.headFrame.left, 1), times(bones.headFrame.ahead, 0.1)));
    const up = add(times(bones.headFrame.up, 1), times(bones.headFrame.ahead, -0.35));
    long = unit(along(up, face, -dot(up, face)));
  }
  const wide = unit(cross(long, face));
  const spot =
    at === 'hand'
      ? along(along(middle, long, 0.02), face, 0.014)
      : along(
          along(bones.head, bones.headFrame.left, -bones.build.head * 0.84),
          bones.headFrame.up,
          -bones.build.head * 0.28,
        );
  const axes = [times(wide, 0.036), times(long, 0.073), times(face, 0.005)] as const;
  return drawBlock(ctx, view, { at: spot, axes }, tint('#23262e'), 0.004, (normal, sign, corners) => {
    if (normal !== 2 || sign < 0) return;
    const glow = ctx.createLinearGradient(...(corners[0] ?? [0, 0]), ...(corners[2] ?? [0, 0]));
    glow.addColorStop(0, '#d7ecff');
    glow.addColorStop(1, '#8fb9e8');
    ctx.fillStyle = glow;
    fillPart(ctx, corners, [0.04, 0.08], [0.96, 0.92]);
  });
}

/** A cigarette between the fingers of the right hand or at the mouth, with its ember and a wisp; its box is without the wisp. */
export function drawCigarette(easel: Easel, phase: number): Box {
  const { ctx, view, bones, scale } = easel;
  const arm = bones.arms[1];
  const from = along(arm.tip, sub(arm.tip, arm.wrist), -0.12);
  const way = unit(add(add(times(bones.headFrame.ahead, 1), times(bones.chestFrame.left, 0.25)), vec(0, 0.1, 0)));
  const a = view.project(along(from, way, -0.02));
  const b = view.project(along(from, way, 0.062));
  const width = Math.max(1, 0.0095 * scale);
  const bounds = new Bounds();
  ctx.lineCap = 'butt';
  const piece = (s: number, t: number, colour: string): void => {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.beginPath();
    ctx.moveTo(a.x + (b.x - a.x) * s, a.y + (b.y - a.y) * s);
    ctx.lineTo(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t);
    ctx.stroke();
  };
  piece(0, 0.3, '#d99a55');
  piece(0.3, 0.9, '#fbfaf6');
  piece(0.86, 1, '#ff6a2a');
  ctx.fillStyle = '#ff7a30';
  ctx.beginPath();
  ctx.arc(b.x, b.y, width * 0.55, 0, Math.PI * 2);
  ctx.fill();
  bounds.point(a.x, a.y, width / 2);
  bounds.point(b.x, b.y, width * 0.55);
  ctx.strokeStyle = 'rgba(225,228,232,0.34)';
  ctx.lineWidth = Math.max(0.8, 0.008 * scale);
  ctx.lineCap = 'round';
  ctx.beginPath();
  const high = 0.2 * scale;
  for (let n = 0; n <= 10; n += 1) {
    const t = n / 10;
    const x = b.x + Math.sin(t * 6 + phase * Math.PI * 4) * 0.022 * scale * t;
    if (n === 0) ctx.moveTo(x, b.y);
    else ctx.lineTo(x, b.y - high * t);
  }
  ctx.stroke();
  return bounds.box();
}

/** Half the breadth of an umbrella, metres. */
export const CANOPY = 0.5;
const PANELS = 8;

/** Where an umbrella's stick begins and ends. */
export function stickOf(easel: Easel, n: 0 | 1): { hand: Vec3; top: Vec3 } {
  const { bones } = easel;
  const arm = bones.arms[n];
  const hand = along(arm.wrist, sub(arm.tip, arm.wrist), 0.55);
  const top = vec(hand.x * 0.35, bones.build.height * 1.06 + 0.3, hand.z * 0.5);
  return { hand, top };
}

export function drawStick(easel: Easel, n: 0 | 1): void {
  const { hand, top } = stickOf(easel, n);
  const { ctx, view, scale } = easel;
  const low = along(hand, unit(sub(hand, top)), 0.12);
  const [a, b, c] = [view.project(low), view.project(hand), view.project(top)];
  ctx.lineCap = 'round';
  ctx.strokeStyle = '#5a5f68';
  ctx.lineWidth = Math.max(1, 0.013 * scale);
  ctx.beginPath();
  ctx.moveTo(b.x, b.y);
  ctx.lineTo(c.x, c.y);
  ctx.stroke();
  ctx.strokeStyle = '#33302e';
  ctx.lineWidth = Math.max(1.2, 0.024 * scale);
  ctx.beginPath();
  ctx.moveTo(a.x, a.y);
  ctx.lineTo(b.x, b.y);
  ctx.stroke();
}

/** A cane from the hand to the ground. */
export function drawCane(easel: Easel, n: 0 | 1): void {
  const { bones, ctx, view, scale } = easel;
  const arm = bones.arms[n];
  const grip = along(arm.wrist, sub(arm.tip, arm.wrist), 0.62);
  const foot = view.project(vec(grip.x + (n === 0 ? 0.02 : -0.02), 0, grip.z + 0.06));
  const [hand, back] = [view.project(grip), view.project(vec(grip.x, grip.y + 0.012, grip.z - 0.09))];
  ctx.lineCap = 'round';
  ctx.lineJoin = 'round';
  ctx.strokeStyle = '#5b3a22';
  ctx.lineWidth = Math.max(1.2, 0.024 * scale);
  ctx.beginPath();
  ctx.moveTo(foot.x, foot.y);
  ctx.lineTo(hand.x, hand.y);
  ctx.lineTo(back.x, back.y);
  ctx.stroke();
  easel.body.point(foot.x, foot.y, 0.012 * scale);
}

/** The roof of an umbrella: its inside first where it is seen from below. */
export function drawCanopy(easel: Easel, n: 0 | 1, colour: Tint, clear: boolean): void {
  const { ctx, view, scale } = easel;
  const { hand, top } = stickOf(easel, n);
  const axis = unit(sub(top, hand));
  const left = unit(cross(vec(0, 0, 1), axis), vec(1, 0, 0));
  const ahead = cross(axis, left);
  const rim = (turn: number, t: number): Vec3 => {
    const out = Math.sin(t * 1.25) / Math.sin(1.25);
    const fall = (1 - Math.cos(t * 1.25)) * 0.42;
    return along(
      along(along(top, left, Math.sin(turn) * CANOPY * out), ahead, Math.cos(turn) * CANOPY * out),
      axis,
      -fall * CANOPY * 1.4,
    );
  };
  const opacity = clear ? 0.38 : 1;
  const panels = Array.from({ length: PANELS }, (_, k) => {
    const from = (k / PANELS) * Math.PI * 2;
    const to = ((k + 1) / PANELS) * Math.PI * 2;
    const points: Point[] = [];
    const put = (p: Vec3): void => {
      const q = view.project(p);
      points.push([q.x, q.y]);
    };
    for (let s = 0; s <= 5; s += 1) put(rim(from, s / 5));
    const hang = along(rim((from + to) / 2, 0.96), axis, 0.0);
    put(hang);
    for (let s = 5; s >= 0; s -= 1) put(rim(to, s / 5));
    const middle = rim((from + to) / 2, 0.62);
    const out = unit(add(times(axis, 0.75), times(sub(middle, along(top, axis, -0.1)), 1)));
    return { points, depth: view.depth(middle), outside: view.faces(middle, out) > 0, out };
  }).sort((a, b) => b.depth - a.depth);
  ctx.lineJoin = 'round';
  for (const { points, outside, out } of panels) {
    const world = view.direction(out);
    const bright = outside ? 0.9 + 0.1 * world.y + 0.16 * view.light.x * world.x : 0.66;
    const fill = shade(colour, bright);
    ctx.fillStyle = css(fill, opacity);
    outline(ctx, points);
    ctx.fill();
    ctx.strokeStyle = css(clear ? mixTint(fill, [90, 110, 130], 0.5) : shade(fill, 0.82), clear ? 0.7 : 1);
    ctx.lineWidth = Math.max(0.6, 0.006 * scale);
    ctx.stroke();
  }
  const tip = view.project(along(top, axis, 0.05));
  const crown = view.project(top);
  ctx.strokeStyle = '#4a4e56';
  ctx.lineWidth = Math.max(1, 0.014 * scale);
  ctx.lineCap = 'round';
  ctx.beginPath();
  ctx.moveTo(crown.x, crown.y);
  ctx.lineTo(tip.x, tip.y);
  ctx.stroke();
}

/** Soft dark on the ground below a body. */
export function drawShadow(ctx: SKRSContext2D, view: View, feet: readonly Vec3[], radius: number): void {
  const lean = -view.light.x * radius * 0.8 * view.scale * view.hardness;
  for (let step = 0; step < 6; step += 1) {
    const grow = 1.3 - step * 0.14;
    const around: Point[] = [];
    for (const foot of feet) {
      for (let n = 0; n < 20; n += 1) {
        const angle = (n / 20) * Math.PI * 2;
        const p = view.project(
          vec(foot.x + Math.sin(angle) * radius * grow, 0, foot.z + Math.cos(angle) * radius * grow),
        );
        around.push([p.x + lean * (2 - grow) * 0.5, p.y]);
      }
    }
    ctx.fillStyle = `rgba(20,22,40,${(0.042 * (0.6 + 0.6 * view.hardness)).toFixed(3)})`;
    outline(ctx, hull(around));
    ctx.fill();
  }
}
