import type { Easel } from './easel.ts';
import type { Busy } from './pose.ts';
import { drawBlock, onQuad, outline } from './props.ts';
import { css, shade, tint } from './tint.ts';
import { trunkRings } from './trunk.ts';
import { type Ring, smooth, Tube } from './tube.ts';
import type { Actor, Person, Point, PoseKind, Vec3 } from './types.ts';
import { along, cross, sub, times, unit, vec } from './vector.ts';

/** Depths of trunk and head that a bag's parts are put before or behind. */
export interface Order {
  trunk: number;
  head: number;
}
export interface Piece {
  depth: number;
  draw: () => void;
}

/** Poses that leave a hand for an umbrella. */
const DRY: readonly PoseKind[] = ['stand', 'walk', 'phone', 'call', 'smoke'];

/** Whether somebody holds the umbrella up: not with full hands, on a chair, in a fight or a fall. */
export function carriesUmbrella(person: Person, pose: PoseKind): boolean {
  return person.clothes.umbrella !== undefined && DRY.includes(pose);
}

/** Old people go with a cane. */
function carriesCane({ person, pose }: Actor): boolean {
  return person.face.age >= 62 && DRY.includes(pose);
}

/** What the left and the right hand carry. */
export function handBusy(actor: Actor): [Busy, Busy] {
  const { bag } = actor.person.clothes;
  const { pose } = actor;
  const rightTaken = pose === 'phone' || pose === 'call' || pose === 'smoke';
  const out: [Busy, Busy] = ['free', 'free'];
  const umbrella = carriesUmbrella(actor.person, pose);
  if (umbrella) out[rightTaken ? 0 : 1] = 'umbrella';
  if (DRY.includes(pose) && (bag?.type === 'hand_bag' || bag?.type === 'trolley')) {
    if (out[0] === 'free') out[0] = bag.type;
    else if (out[1] === 'free' && !rightTaken) out[1] = bag.type;
  }
  if (carriesCane(actor)) {
    if (out[1] === 'free' && !rightTaken) out[1] = 'cane';
    else if (out[0] === 'free') out[0] = 'cane';
  }
  return out;
}

/** The parts of somebody's bag in no order, each with its depth. */
export function drawBag(easel: Easel, actor: Actor, order: Order): Piece[] {
  const { bag } = actor.person.clothes;
  if (!bag) return [];
  const busy = handBusy(actor);
  switch (bag.type) {
    case 'backpack':
      return backpack(easel, order);
    case 'waist_pack':
      return waistPack(easel, order);
    case 'shoulder_bag':
      return shoulderBag(easel, order);
    case 'hand_bag':
      return handBag(easel, order, busy.indexOf('hand_bag'));
    case 'trolley':
      return trolley(easel, order, busy.indexOf('trolley'));
  }
}

function backpack(easel: Easel, order: Order): Piece[] {
  const { view, bones, outfit, ctx, scale } = easel;
  const { chestFrame: frame, build } = bones;
  const h = build.height;
  const colour = outfit.bag;
  const behind = view.faces(bones.chest, frame.ahead) > 0;
  const spine = along(bones.pelvis, frame.up, build.trunk * 0.66);
  const off = (0.062 + 0.02 * (build.girth - 1)) * h;
  const ring = (t: number, wide: number, deep: number): Ring => ({
    centre: along(along(spine, frame.up, t * h), frame.ahead, -(off + deep * h)),
    left: times(frame.left, wide * h),
    ahead: times(frame.ahead, deep * h),
    at: t * h,
  });
  const rings = [
    ring(-0.125, 0.055, 0.03),
    ring(-0.115, 0.078, 0.047),
    ring(-0.06, 0.086, 0.056),
    ring(0.03, 0.084, 0.052),
    ring(0.09, 0.074, 0.042),
    ring(0.118, 0.052, 0.03),
    ring(0.124, 0.03, 0.018),
  ];
  const body = (): void => {
    const tube = new Tube(view, easel.detail >= 1 ? smooth(rings, 2) : rings);
    tube.paint(ctx, colour, () => {
      if (easel.detail < 1) return;
      const dark = shade(colour, 0.68);
      const line = Math.max(0.8, 0.006 * scale);
      const box: [number, number][] = [
        [-0.11 * h, Math.PI - 0.95],
        [-0.035 * h, Math.PI - 0.95],
        [-0.02 * h, Math.PI - 0.6],
        [-0.02 * h, Math.PI + 0.6],
        [-0.035 * h, Math.PI + 0.95],
        [-0.11 * h, Math.PI + 0.95],
      ];
      tube.patch(ctx, box, shade(colour, 0.86));
      tube.line(ctx, [...box, box[0]!], dark, line);
      tube.line(
        ctx,
        [-1.5, -0.8, 0, 0.8, 1.5].map((a) => [(0.05 + 0.018 * Math.cos(a)) * h, Math.PI + a] as const),
        dark,
        line * 1.4,
      );
      tube.line(
        ctx,
        [
          [-0.03 * h, Math.PI - 0.45],
          [-0.045 * h, Math.PI - 0.45],
        ],
        tint('#d5d8dc'),
        line * 1.4,
      );
    });
  };
  const straps = (): void => {
    for (const side of [1, -1]) strap(easel, side, colour);
  };
  return [
    { depth: behind ? order.trunk + 0.09 : order.head + 0.03, draw: body },
    { depth: Math.max(order.head + 0.015, order.trunk - 0.04), draw: straps },
  ];
}

/** A strap of a backpack over one shoulder: on the surface of the trunk. */
function strap(easel: Easel, side: number, colour: readonly [number, number, number]): void {
  const { ctx, bones, scale } = easel;
  const tube = bodyTube(easel);
  const t = bones.build.trunk;
  const path: [number, number][] = [
    [0.42, 1.75],
    [0.5, 1.3],
    [0.62, 0.95],
    [0.8, 0.72],
    [0.95, 0.78],
    [1.03, 1.05],
    [1.05, 1.7],
    [1.0, 2.3],
  ].map(([at, turn]) => [at! * t, turn! * side]);
  tube.line(ctx, path, shade(colour, 0.9), Math.max(1, 0.056 * scale));
  if (easel.detail >= 2) tube.line(ctx, path, shade(colour, 1.12), Math.max(0.7, 0.006 * scale), 0.6);
}

/** The trunk with its clothes, to lay straps on. */
function bodyTube(easel: Easel): Tube {
  const thick =
    easel.person.clothes.coat.style === 'long_coat' || easel.person.clothes.coat.style === 'jacket' ? 0.012 : 0.006;
  return new Tube(easel.view, trunkRings(easel.bones, -0.1, 1.12, thick, easel.detail));
}

function waistPack(easel: Easel, order: Order): Piece[] {
  const { view, bones, outfit, ctx, scale } = easel;
  const { hipFrame: frame, build } = bones;
  const h = build.height;
  const colour = outfit.bag;
  const middle = along(
    along(along(bones.pelvis, frame.up, build.trunk * 0.2), frame.ahead, (0.078 + 0.05 * (build.girth - 1)) * h),
    frame.left,
    0.012 * h,
  );
  const front = view.faces(middle, frame.ahead) > 0;
  const ring = (x: number, tall: number, deep: number): Ring => ({
    centre: along(along(middle, frame.left, x * h), frame.ahead, -Math.abs(x) * 0.25 * h),
    left: times(frame.up, tall * h),
    ahead: times(frame.ahead, deep * h),
    at: x * h,
  });
  const rings = [
    ring(-0.084, 0.015, 0.01),
    ring(-0.072, 0.03, 0.022),
    ring(0, 0.039, 0.031),
    ring(0.072, 0.03, 0.022),
    ring(0.084, 0.015, 0.01),
  ];
  return [
    {
      depth: order.trunk - 0.015,
      draw: () => {
        const tube = bodyTube(easel);
        ctx.save();
        tube.band(ctx, build.trunk * 0.21, shade(colour, 0.85), Math.max(1, 0.042 * scale));
        ctx.restore();
      },
    },
    {
      depth: front ? order.trunk - 0.018 : order.trunk + 0.05,
      draw: () => {
        const tube = new Tube(view, smooth(rings, 2));
        tube.paint(ctx, colour, () => {
          if (easel.detail < 1) return;
          tube.line(
            ctx,
            [-0.06, -0.03, 0, 0.03, 0.06].map((x) => [x * h, 0.45] as const),
            shade(colour, 0.6),
            Math.max(0.8, 0.007 * scale),
          );
          tube.dot(ctx, 0.045 * h, 0.42, Math.max(0.6, 0.006 * scale), tint('#d5d8dc'));
        });
      },
    },
  ];
}

/** A bag at the left hip with its strap over the right shoulder. */
function shoulderBag(easel: Easel, order: Order): Piece[] {
  const { view, bones, outfit, ctx, scale } = easel;
  const { hipFrame, build } = bones;
  const h = build.height;
  const colour = outfit.bag;
  const t = build.trunk;
  const at = along(
    along(along(bones.pelvis, hipFrame.left, (0.118 + 0.09 * (build.girth - 1)) * h), hipFrame.up, -0.005 * h),
    hipFrame.ahead,
    -0.012 * h,
  );
  const left = view.faces(at, hipFrame.left) > 0;
  const lines = (): void => {
    const tube = bodyTube(easel);
    const wide = Math.max(1, 0.042 * scale);
    tube.line(
      ctx,
      [
        [0.12, 1.5],
        [0.3, 1.1],
        [0.55, 0.5],
        [0.78, -0.15],
        [0.95, -0.75],
        [1.05, -1.3],
        [1.06, -1.6],
      ].map(([a, b]) => [a! * t, b!] as const),
      shade(colour, 0.88),
      wide,
    );
    tube.line(
      ctx,
      [
        [0.12, 1.6],
        [0.3, 2.05],
        [0.55, 2.7],
        [0.78, 3.3],
        [0.95, 3.9],
        [1.05, 4.5],
        [1.06, 4.7],
      ].map(([a, b]) => [a! * t, b!] as const),
      shade(colour, 0.88),
      wide,
    );
  };
  return [
    { depth: Math.max(order.head + 0.012, order.trunk - 0.04), draw: lines },
    {
      depth: left ? Math.min(order.trunk - 0.2, order.head - 0.02) : order.trunk + 0.25,
      draw: () => {
        drawBlock(
          ctx,
          view,
          {
            at,
            axes: [times(hipFrame.left, 0.03 * h), times(hipFrame.up, 0.07 * h), times(hipFrame.ahead, 0.09 * h)],
          },
          colour,
          0.014,
          (normal, _sign, corners) => {
            if (normal === 0 && easel.detail >= 1) flap(easel, corners, colour);
          },
        );
      },
    },
  ];
}

function flap(easel: Easel, corners: readonly Point[], colour: readonly [number, number, number]): void {
  const { ctx, scale } = easel;
  // The first edge of this face runs with its second axis.
  const q = (u: number, v: number): Point => onQuad(corners, v, u);
  ctx.fillStyle = css(shade(colour, 0.84));
  outline(ctx, [q(0, 0), q(1, 0), q(1, 0.5), q(0.85, 0.62), q(0.15, 0.62), q(0, 0.5)]);
  ctx.fill();
  const [x, y] = q(0.5, 0.62);
  ctx.fillStyle = '#d9c48a';
  ctx.beginPath();
  ctx.arc(x, y, Math.max(0.8, 0.011 * scale), 0, Math.PI * 2);
  ctx.fill();
}

function handBag(easel: Easel, order: Order, hand: number): Piece[] {
  const { view, bones, outfit, ctx, scale } = easel;
  const colour = outfit.bag;
  const h = bones.build.height;
  const high = 0.075 * h;
  const grip =
    hand >= 0
      ? along(bones.arms[hand]!.wrist, sub(bones.arms[hand]!.tip, bones.arms[hand]!.wrist), 0.62)
      : vec(0.3, high * 2.7, bones.pelvis.z + 0.05);
  const at = along(grip, vec(0, 1, 0), -(0.055 * h + high));
  if (hand < 0) at.y = high + 0.01;
  const ahead = vec(0, 0, 1);
  const handle = (shift: number): void => {
    ctx.strokeStyle = css(shade(colour, 0.62));
    ctx.lineWidth = Math.max(1, 0.014 * scale);
    ctx.lineCap = 'round';
    ctx.lineJoin = 'round';
    ctx.beginPath();
    const top = along(at, vec(0, 1, 0), high);
    for (let n = 0; n <= 8; n += 1) {
      const angle = Math.PI * (n / 8);
      const p = view.project(
        vec(top.x + shift, top.y + Math.sin(angle) * 0.058 * h, top.z + Math.cos(angle) * 0.045 * h),
      );
      if (n === 0) ctx.moveTo(p.x, p.y);
      else ctx.lineTo(p.x, p.y);
    }
    ctx.stroke();
  };
  const depth = view.depth(at);
  const near = depth < order.trunk;
  return [
    {
      depth:
        hand < 0
          ? near
            ? order.head - 1
            : order.trunk + 3
          : near
            ? Math.min(depth, order.trunk - 0.25)
            : order.trunk + 0.2,
      draw: () => {
        handle(0.012);
        drawBlock(
          ctx,
          view,
          { at, axes: [vec(0.034 * h, 0, 0), vec(0, high, 0), times(ahead, 0.088 * h)] },
          colour,
          0.016,
          (normal, _sign, corners) => {
            if (normal !== 0 || easel.detail < 1) return;
            const q = (u: number, v: number): Point => onQuad(corners, v, u);
            ctx.strokeStyle = css(shade(colour, 0.7));
            ctx.lineWidth = Math.max(0.8, 0.006 * scale);
            ctx.beginPath();
            ctx.moveTo(...q(0, 0.26));
            ctx.lineTo(...q(1, 0.26));
            ctx.stroke();
            ctx.fillStyle = '#d9c48a';
            const [x, y] = q(0.5, 0.26);
            ctx.beginPath();
            ctx.arc(x, y, Math.max(0.8, 0.012 * scale), 0, Math.PI * 2);
            ctx.fill();
          },
        );
        handle(-0.012);
      },
    },
  ];
}

function trolley(easel: Easel, order: Order, hand: number): Piece[] {
  const { view, bones, outfit, ctx, scale } = easel;
  const colour = outfit.bag;
  const grip: Vec3 =
    hand >= 0
      ? along(bones.arms[hand]!.wrist, sub(bones.arms[hand]!.tip, bones.arms[hand]!.wrist), 0.62)
      : vec(0.42, 0.95, bones.pelvis.z - 0.05);
  // It leans from its wheels towards the hand.
  const wheel = hand >= 0 ? vec(grip.x + 0.05, 0.04, grip.z - 0.42) : vec(grip.x, 0.04, grip.z);
  const up = unit(sub(grip, wheel));
  const left = unit(cross(up, vec(0, 0, 1)), vec(1, 0, 0));
  const side = left.x < 0 ? times(left, -1) : left;
  const ahead = unit(cross(side, up));
  const size = { wide: 0.17, tall: 0.27, deep: 0.1 };
  const at = along(along(wheel, up, size.tall + 0.02), ahead, -size.deep * 0.5);
  const depth = view.depth(at);
  const near = depth < order.trunk;
  const rods = (): void => {
    ctx.strokeStyle = '#8d949d';
    ctx.lineCap = 'round';
    ctx.lineWidth = Math.max(1, 0.014 * scale);
    const foot = along(at, up, size.tall);
    for (const x of [0.07, -0.07]) {
      const a = view.project(along(foot, side, x));
      const b = view.project(along(grip, side, x));
      ctx.beginPath();
      ctx.moveTo(a.x, a.y);
      ctx.lineTo(b.x, b.y);
      ctx.stroke();
    }
    ctx.strokeStyle = '#2d3037';
    ctx.lineWidth = Math.max(1.2, 0.026 * scale);
    const a = view.project(along(grip, side, 0.08));
    const b = view.project(along(grip, side, -0.08));
    ctx.beginPath();
    ctx.moveTo(a.x, a.y);
    ctx.lineTo(b.x, b.y);
    ctx.stroke();
  };
  const wheels = (): void => {
    for (const x of [size.wide * 0.8, -size.wide * 0.8]) {
      const p = view.project(along(wheel, side, x));
      ctx.fillStyle = '#24262c';
      ctx.beginPath();
      ctx.arc(p.x, p.y, 0.038 * p.scale, 0, Math.PI * 2);
      ctx.fill();
    }
  };
  return [
    {
      depth: near ? Math.min(depth, order.head - 0.05) : order.trunk + 1.2,
      draw: () => {
        wheels();
        rods();
        drawBlock(
          ctx,
          view,
          { at, axes: [times(side, size.wide), times(up, size.tall), times(ahead, size.deep)] },
          colour,
          0.022,
          (normal, _sign, corners) => {
            if (normal === 1 || easel.detail < 1) return;
            ctx.strokeStyle = css(shade(colour, 0.74));
            ctx.lineWidth = Math.max(0.8, 0.01 * scale);
            const q = (u: number, v: number): Point => (normal === 0 ? onQuad(corners, u, v) : onQuad(corners, v, u));
            for (const v of [0.25, 0.5, 0.75]) {
              ctx.beginPath();
              ctx.moveTo(...q(0.04, v));
              ctx.lineTo(...q(0.96, v));
              ctx.stroke();
            }
          },
        );
      },
    },
  ];
}
