import type { SKRSContext2D } from '@napi-rs/canvas';
import { drawArm } from './arms.ts';
import { drawBag, handBusy, type Order } from './bag.ts';
import { type Camera, wrap } from './camera.ts';
import { outfitOf, toned } from './cloth.ts';
import type { Easel } from './easel.ts';
import { drawHead } from './head.ts';
import { drawLeg } from './legs.ts';
import { posed } from './pose.ts';
import {
  drawCane,
  drawCanopy,
  drawChair,
  drawCigarette,
  drawDesk,
  drawLoad,
  drawPhone,
  drawShadow,
  drawStick,
} from './props.ts';
import { random } from './random.ts';
import type { Skeleton } from './skeleton.ts';
import { tint } from './tint.ts';
import { drawHips, drawTrunk } from './trunk.ts';
import type { Actor, Box, HeadTruth, HeadView, Light, PersonTruth, Vec3 } from './types.ts';
import { along, dot, unit, vec } from './vector.ts';
import { Bounds, View } from './view.ts';

/** What may be asked of a drawing beside the actor. */
export interface BodyOptions {
  /** Somebody who dozes has a desk to lie on. */
  desk?: boolean;
}

/** Metres before the camera that a body must have to be drawn. */
const CLOSEST = 0.45;
const NOTHING: Box = [0, 0, 0, 0];

/**
 * Draws somebody with clothes, bag, umbrella and what the pose brings along (chair, phone, …), with a soft shadow on the
 * ground, and says what is to be seen where. Boxes are in pixels and may lie outside the picture. Only the side and the
 * hardness of the light count here: its level and warmth are the whole picture's matter. Somebody behind or too close to
 * the camera is not drawn and has empty boxes.
 */
export function drawPerson(
  ctx: SKRSContext2D,
  actor: Actor,
  camera: Camera,
  light: Light,
  options: BodyOptions = {},
): PersonTruth {
  const view = new View(camera, actor.position, actor.heading, light);
  const bones = bonesOf(actor, options);
  const headView = seenHead(view, bones);
  const bodyYaw = camera.seen(
    { ...actor.position, y: actor.position.y + actor.person.height * 0.6 },
    actor.heading,
  ).yaw;
  const truth: PersonTruth = {
    box: NOTHING,
    head: { head: NOTHING },
    yaw: headView.yaw,
    pitch: headView.pitch,
    roll: headView.roll,
    bodyYaw: wrap(bodyYaw),
  };
  if (!drawable(view, bones)) return truth;
  const high = actor.person.height * view.scale;
  const easel: Easel = {
    ctx,
    view,
    person: actor.person,
    outfit: outfitOf(actor.person),
    bones,
    body: new Bounds(),
    scale: view.scale,
    detail: high < 55 ? 0 : high < 130 ? 1 : high < 420 ? 2 : 3,
  };
  ctx.save();
  paint(easel, actor, options, headView, truth);
  ctx.restore();
  easel.body.add(truth.head.head);
  truth.box = easel.body.box();
  return truth;
}

function paint(easel: Easel, actor: Actor, options: BodyOptions, headView: HeadView, truth: PersonTruth): void {
  const { ctx, view, bones } = easel;
  const { pose } = actor;
  const seated = pose === 'sit' || pose === 'doze';
  const down = pose === 'fall' && actor.phase > 0.3;
  const depth = (p: Vec3): number => view.depth(p);
  const trunk = depth(along(bones.pelvis, bones.chestFrame.up, bones.build.trunk * 0.6));
  const spread = [...bones.legs.map((leg) => leg.ankle), bones.pelvis, ...(down ? [bones.chest, bones.head] : [])];
  drawShadow(ctx, view, spread, 0.13 * bones.build.height);

  const hands = hold(actor);
  const canopy = hands.indexOf('umbrella') as -1 | 0 | 1;
  const layers: { depth: number; draw: () => void }[] = [];
  const layer = (at: number, draw: () => void): void => void layers.push({ depth: at, draw });

  const head = (): void => {
    truth.head = paintHead(easel, headView, view);
  };
  const lying = down || (seated && Math.abs(depth(bones.head) - trunk) > 0.22);
  // Hair falls over the shoulders, so an upright head comes after the trunk.
  // Seen from behind without such hair, the collar comes over the neck.
  const behind = Math.abs(headView.yaw) > 1.9 && actor.person.face.hair.style !== 'long';
  const upright = behind ? trunk + 0.01 : Math.min(depth(bones.head), trunk - 0.1);
  const headDepth = lying ? depth(bones.head) - 0.06 : upright;
  layer(headDepth, head);
  layer(trunk, () => drawTrunk(easel));

  const { style } = actor.person.clothes.coat;
  const gown = style === 'dress' || style === 'long_coat';
  const legs = ([0, 1] as const).map((n) => ({ n, depth: depth(bones.legs[n].knee) }));
  for (const { n, depth: at } of legs) {
    // Who stands has the hem of the coat over the legs.
    const order =
      seated && gown ? trunk + 0.02 : seated || down ? at - 0.02 : trunk + 0.8 + at * 0.001 + (at - trunk) * 0.1;
    layer(order, () => drawLeg(easel, n));
  }
  const skirt = actor.person.clothes.lower.kind === 'st_skirt';
  const lap = Math.min(trunk, ...legs.map((leg) => leg.depth)) - 0.025;
  layer(seated ? (skirt ? lap : trunk + 0.03) : trunk + 0.1, () => drawHips(easel));

  for (const n of [0, 1] as const) {
    const arm = bones.arms[n];
    const raised = bones.head.y - arm.wrist.y < bones.build.head * 1.6 && !down;
    let at = (depth(arm.elbow) + depth(arm.wrist)) / 2 - 0.05;
    if (at < trunk && !raised && !lying) at = Math.max(at, Math.min(trunk - 0.02, headDepth + 0.01));
    if (raised) at = Math.min(at, depth(arm.wrist)) - 0.02;
    const busy = hands[n];
    layer(at, () => {
      if (busy === 'umbrella') drawStick(easel, n);
      if (busy === 'cane') drawCane(easel, n);
      if (n === 1 && pose === 'phone' && view.faces(arm.tip, bones.chestFrame.ahead) < 0)
        truth.phone = drawPhone(easel, 'hand');
      if (n === 1 && pose === 'call') {
        const outer = view.faces(bones.head, bones.headFrame.left) < 0;
        if (outer) truth.phone = drawPhone(easel, 'ear');
        drawArm(easel, n);
        if (!outer) truth.phone = drawPhone(easel, 'ear');
        return;
      }
      drawArm(easel, n);
      if (n === 1 && pose === 'phone' && !truth.phone) truth.phone = drawPhone(easel, 'hand');
      if (n === 1 && pose === 'smoke') truth.cigarette = drawCigarette(easel, actor.phase);
    });
  }
  if (pose === 'hold')
    layer(depth(vec(0, bones.chest.y, bones.chest.z + 0.16 * bones.build.height)) - 0.02, () => void drawLoad(easel));
  if (seated) {
    const back = depth(vec(0, bones.pelvis.y, bones.pelvis.z - 0.1));
    layer(back < trunk ? Math.min(back, headDepth) - 0.3 : trunk + 3, () => drawChair(easel, 'back'));
    layer(trunk + 2, () => drawChair(easel, 'seat'));
    if (pose === 'doze' && options.desk) {
      const desk = depth(vec(0, bones.pelvis.y, 0.1));
      layer(desk < trunk ? Math.max(...legs.map((leg) => Math.min(leg.depth, trunk))) - 0.3 : trunk + 1.5, () =>
        drawDesk(easel),
      );
    }
  }
  const order: Order = { trunk, head: Math.min(headDepth, trunk - 0.1) };
  for (const piece of drawBag(easel, actor, order)) layer(piece.depth, piece.draw);
  if (canopy >= 0) {
    const { umbrella } = actor.person.clothes;
    const clear = umbrella?.colour === 'transparent';
    const colour =
      !umbrella || umbrella.colour === 'transparent'
        ? tint('#dceaf2')
        : toned(umbrella.colour, `${actor.person.face.id}/umbrella`);
    layer(Number.NEGATIVE_INFINITY, () => drawCanopy(easel, canopy as 0 | 1, colour, clear));
  }
  layers.sort((a, b) => b.depth - a.depth);
  for (const { draw } of layers) draw();
}

function paintHead(easel: Easel, headView: HeadView, view: View): HeadTruth {
  const { person } = easel;
  const from = Math.atan2(view.light.x, 0.8);
  return drawHead(easel.ctx, person.face, person.look, headView, { from, hardness: view.hardness });
}

/** Which way of doing something an actor has, 0..1. */
const variantOf = (actor: Actor): number => random(`variant/${actor.id}`).next();

const hold = handBusy;

function bonesOf(actor: Actor, options: BodyOptions): Skeleton {
  return posed(actor.person, {
    pose: actor.pose,
    phase: actor.phase,
    headYaw: actor.headYaw,
    headPitch: actor.headPitch,
    variant: variantOf(actor),
    desk: options.desk ?? false,
    busy: handBusy(actor),
  });
}

function drawable(view: View, bones: Skeleton): boolean {
  const points = [bones.head, bones.pelvis, ...bones.arms.map((arm) => arm.tip), ...bones.legs.map((leg) => leg.ankle)];
  return points.every((point) => Number.isFinite(point.x + point.y + point.z) && view.depth(point) > CLOSEST);
}

/** Where the head is seen and how it is turned against the ray to it. */
function seenHead(view: View, bones: Skeleton): HeadView {
  const world = view.world(bones.head);
  const middle = view.camera.project(world);
  const to = unit({ x: -world.x, y: view.camera.setup.above - world.y, z: -world.z });
  const right = unit({ x: -to.z, y: 0, z: to.x }, vec(1, 0, 0));
  const up = { x: -to.y * right.z, y: to.x * right.z - to.z * right.x, z: to.y * right.x };
  const top = dot(up, { x: 0, y: 1, z: 0 }) < 0 ? { x: -up.x, y: -up.y, z: -up.z } : up;
  const ahead = view.direction(bones.headFrame.ahead);
  const crown = view.direction(bones.headFrame.up);
  const yaw = Math.atan2(dot(ahead, right), dot(ahead, to));
  const pitch = Math.asin(Math.max(-1, Math.min(1, dot(ahead, top))));
  // Where the crown would be without roll, against where it is.
  const bare = Math.atan2(-Math.sin(yaw) * Math.sin(pitch), Math.cos(pitch));
  const roll = wrap(Math.atan2(dot(crown, right), dot(crown, top)) - bare);
  return {
    x: middle.x,
    y: middle.y,
    radius: bones.build.head * middle.scale,
    yaw,
    pitch: Math.max(-1.1, Math.min(1.1, pitch)),
    roll,
  };
}

/** All that drawing somebody touches, rather too much than too little; empty where nothing is drawn. */
export function personBounds(actor: Actor, camera: Camera, options: BodyOptions = {}): Box {
  const view = new View(camera, actor.position, actor.heading, { level: 1, warmth: 0, from: 0, hardness: 1 });
  const bones = bonesOf(actor, options);
  if (!drawable(view, bones)) return NOTHING;
  const bounds = new Bounds();
  const h = bones.build.height;
  const put = (p: Vec3, around: number): void => {
    const q = view.project(p);
    bounds.point(q.x, q.y, around * q.scale + 2);
  };
  put(bones.head, bones.build.head * 2.4);
  for (const leg of bones.legs) {
    for (const p of [leg.hip, leg.knee]) put(p, 0.13 * h);
    put(leg.ankle, 0.2 * h);
    put(vec(leg.ankle.x, 0, leg.ankle.z), 0.3 * h);
  }
  for (const arm of bones.arms) for (const p of [arm.shoulder, arm.elbow, arm.tip]) put(p, 0.11 * h);
  for (const p of [bones.pelvis, bones.chest]) {
    put(p, 0.17 * h);
    put(vec(p.x, 0, p.z), 0.3 * h);
  }
  const { clothes } = actor.person;
  if (clothes.bag) {
    put(vec(0, 0.3, 0), 0.75);
    put(bones.chest, 0.36 * h);
    for (const arm of bones.arms) put(along(arm.tip, vec(0, 1, 0), -0.3), 0.3);
    if (clothes.bag.type === 'trolley') put(vec(-0.3, 0.3, -0.5), 0.7);
  }
  if (handBusy(actor).includes('umbrella')) put(vec(0, h * 1.06 + 0.3, 0.1), 0.72);
  if (actor.pose === 'smoke') put(bones.arms[1].tip, 0.32);
  if (actor.pose === 'hold') put(vec(0, bones.build.hip + 0.1 * h, 0.19 * h), 0.2 * h);
  if (actor.pose === 'sit' || actor.pose === 'doze') {
    put(vec(0, 0.4, bones.pelvis.z), 0.5);
    put(vec(0, 0.75, bones.pelvis.z - 0.1), 0.3);
    if (options.desk)
      for (const x of [0.7, -0.7]) for (const z of [-0.15, 0.6]) for (const y of [0, 0.8]) put(vec(x, y, z), 0.08);
  }
  return bounds.box();
}
