import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import type { RgbPicture, Size } from '../../adapters/types.ts';
import { drawHead } from '../render/head.ts';
import { makeIdentity, randomLook } from '../render/identity.ts';
import { applyLight } from '../render/light.ts';
import { PHONE_BOW } from '../render/pose.ts';
import type { Random } from '../render/random.ts';
import { css, hsl, shade, type Tint } from '../render/tint.ts';
import type { FaceIdentity, FaceLook, HeadView, Light, Point, Wear, World } from '../render/types.ts';
import { makePerson } from '../render/wardrobe.ts';
import { wearOut } from '../render/wear.ts';
import { drawWorld } from '../render/world.ts';
import { aim, logBetween, radians, randomConditions, randomLight, randomWear } from './conditions.ts';
import { dropAlpha } from './crop.ts';
import { randomActor } from './crowd.ts';
import { PARTS, partsShown } from './shown.ts';

/** A face somewhere in a picture, as a detector would hand it over. */
export interface Portrait {
  picture: RgbPicture;
  /** Eyes, nose, corners of the mouth; those on the left of the picture first. */
  landmarks: Point[];
  /** What was turned away or hidden too far to be called a face is drawn anew by the caller. */
  look: FaceLook;
  /** How many of the parts of the face can be seen; see `shown.ts`. Costs half as much as the picture. */
  shown(): number;
}

/** How far away, turned and dark faces may be. */
export interface Conditions {
  /** Half the height from chin to crown, pixels. */
  smallest: number;
  largest: number;
  /** Deviation and most of yaw, pitch and roll, degrees. */
  yaw: readonly [usual: number, most: number];
  pitch: readonly [usual: number, most: number];
  roll: readonly [usual: number, most: number];
  /** Least level of the light. */
  light: number;
  /** Part of the usual blur and noise. */
  wear: number;
}

/** Whatever a detector may find. */
export const ANY: Conditions = {
  smallest: 14,
  largest: 110,
  yaw: [24, 62],
  pitch: [12, 34],
  roll: [7, 22],
  light: 0,
  wear: 1,
};

/**
 * What somebody can be recognised in: what a box compares has passed the quality of a best shot. A face of 26 pixels to
 * half its height has 40 between chin and brows.
 */
export const RECOGNISABLE: Conditions = {
  smallest: 26,
  largest: 110,
  yaw: [15, 38],
  pitch: [8, 22],
  roll: [6, 18],
  light: 0.6,
  wear: 0.6,
};

/** How a head is held: mostly towards the camera. */
function randomView(source: Random, within: Conditions): Pick<HeadView, 'yaw' | 'pitch' | 'roll'> {
  const bounded = ([usual, most]: Conditions['yaw']): number =>
    Math.max(radians(-most), Math.min(radians(most), source.normal() * radians(usual)));
  return { yaw: bounded(within.yaw), pitch: bounded(within.pitch), roll: bounded(within.roll) };
}

/** The light and wear of a picture, no worse than the conditions allow. */
function atLeast<T extends { light: Light; wear: Wear }>(drawn: T, within: Conditions): T {
  const { light, wear } = drawn;
  return {
    ...drawn,
    light: { ...light, level: Math.max(light.level, within.light) },
    wear: { ...wear, noise: wear.noise * within.wear, blur: wear.blur * within.wear },
  };
}

/**
 * Somebody's face, drawn alone before shapes of any colour or, for a quarter of the pictures, in a whole world.
 * @returns undefined where nothing that could be called a face came out; draw again with another stream.
 */
export function drawPortrait(
  identity: FaceIdentity,
  look: FaceLook,
  source: Random,
  within: Conditions = ANY,
): Portrait | undefined {
  return source.chance(0.25) ? drawInWorld(identity, look, source, within) : alone(identity, look, source, within);
}

function alone(identity: FaceIdentity, look: FaceLook, source: Random, within: Conditions): Portrait | undefined {
  const radius = logBetween(source, within.smallest, within.largest);
  const side = Math.ceil(radius * 3.3);
  const canvas = createCanvas(side, side);
  const ctx = canvas.getContext('2d');
  drawBackdrop(ctx, source.stream('backdrop'), side);
  // The edge of the picture cuts a few: then the middle of the head lies away from the middle of the canvas.
  const away = source.chance(0.12) ? source.between(0.15, 0.3) * side : 0;
  const direction = source.between(-Math.PI, Math.PI);
  const view: HeadView = {
    x: side / 2 + away * Math.cos(direction),
    y: side * 0.47 + away * Math.sin(direction),
    radius,
    ...randomView(source.stream('view'), within),
  };
  const { light, wear } = atLeast(
    { light: randomLight(source.stream('light')), wear: randomWear(source.stream('wear')) },
    within,
  );
  drawShoulders(ctx, source.stream('shoulders'), view, identity);
  const truth = drawHead(ctx, identity, look, view, light);
  if (!truth.face) return undefined;
  const cover = (on: SKRSContext2D, at: HeadView) => drawCover(on, source.stream('cover'), at);
  cover(ctx, view);
  applyLight(ctx, side, side, light);
  const data = wearOut(canvas, wear, source.int(0, 2 ** 31 - 1));
  return {
    picture: dropAlpha(data, { width: side, height: side }),
    landmarks: [...truth.face.landmarks],
    look,
    shown: () => partsShown(identity, look, view, cover),
  };
}

/**
 * Somebody in a world, seen by a camera that is aimed at the face; see `drawPortrait`.
 * @param size of the picture; by default it is cut close around the face.
 */
export function drawInWorld(
  identity: FaceIdentity,
  look: FaceLook,
  source: Random,
  within: Conditions,
  size?: Size,
): Portrait | undefined {
  const radius = logBetween(source, within.smallest, within.largest * 0.8);
  const side = Math.ceil(radius * 3.3);
  const { yaw, pitch } = randomView(source.stream('view'), within);
  const z = source.between(1.2, 9);
  const person = { ...makePerson(identity, source.stream('clothes')), look };
  const head = person.height - 0.12;
  const above = Math.max(0.9, Math.min(4.5, head + z * Math.tan(source.normal() * radians(9))));
  // Nobody at the telephone: it hides half a face, and the truth does not count what hides its own holder.
  const pose = source.pick(['stand', 'stand', 'walk', 'walk', 'hold', 'phone', 'smoke'] as const);
  const turned = yaw * source.next();
  const elevation = Math.atan2(above - head, z);
  const one = randomActor(source.stream('actor'), 'one', pose, { x: 0, y: 0, z }, turned);
  // How the head is held is said by the conditions, whatever is in the hand.
  const raised = pose === 'phone' ? PHONE_BOW : 0;
  const actors = [{ ...one, person, headYaw: yaw - turned, headPitch: pitch + elevation + raised }];
  // Somebody before or behind, who may hide a part.
  if (source.chance(0.25)) {
    const place = { x: source.pick([-1, 1]) * source.between(0.16, 0.5), y: 0, z: z + source.between(-0.5, 0.8) };
    actors.push(randomActor(source.stream('other'), 'other', 'stand', place, source.normal()));
  }
  const camera = aim({
    target: { x: 0, y: head, z },
    metres: 0.12,
    pixels: radius,
    ...(size ?? { width: side, height: side }),
    above,
    below: source.normal() * 0.06 * side,
  });
  const world: World = {
    camera,
    ...atLeast(randomConditions(source), within),
    actors,
    vehicles: [],
    things: [],
  };
  const drawn = drawWorld(world, { withTruth: true, within: true });
  const face = drawn.objects.find(({ kind, of, alive }) => kind === 'face' && of === one.id && alive !== false);
  if (!face?.landmarks || face.visible < 0.5) return undefined;
  const hidden = Math.round((1 - face.visible) * PARTS);
  return {
    picture: dropAlpha(drawn.data, drawn),
    landmarks: [...face.landmarks],
    look,
    shown: () => Math.max(0, partsShown(identity, look, { yaw, pitch, roll: 0 }) - hidden),
  };
}

function randomTint(source: Random): Tint {
  return hsl(source.between(0, 360), source.next() ** 2 * 0.7, source.between(0.08, 0.92));
}

/** Walls, posts and windows out of focus: the model must not learn what is around a face. */
function drawBackdrop(ctx: SKRSContext2D, source: Random, side: number): void {
  const base = randomTint(source);
  const paint = ctx.createLinearGradient(0, 0, source.between(-1, 1) * side, side);
  paint.addColorStop(0, css(base));
  paint.addColorStop(1, css(shade(base, source.between(0.5, 1.4))));
  ctx.fillStyle = paint;
  ctx.fillRect(0, 0, side, side);
  const shapes = source.int(0, 7);
  for (let n = 0; n < shapes; n += 1) {
    ctx.fillStyle = css(
      source.chance(0.5) ? shade(base, source.between(0.4, 1.6)) : randomTint(source),
      source.between(0.4, 1),
    );
    const [x, y] = [source.between(-0.2, 1) * side, source.between(-0.2, 1) * side];
    if (source.chance(0.7)) ctx.fillRect(x, y, source.between(0.05, 0.7) * side, source.between(0.05, 1) * side);
    else {
      ctx.beginPath();
      ctx.arc(x, y, source.between(0.05, 0.3) * side, 0, Math.PI * 2);
      ctx.fill();
    }
  }
}

/** About the colours of face-colours.ts, for a neck below a head and a hand before it. */
function skinTint(identity: FaceIdentity): Tint {
  const dark = identity.skin;
  return [236 - 150 * dark, 200 - 145 * dark, 176 - 140 * dark];
}

function drawShoulders(ctx: SKRSContext2D, source: Random, view: HeadView, identity: FaceIdentity): void {
  const { x, y, radius: r } = view;
  const turn = Math.sin(view.yaw) * 0.25;
  ctx.save();
  ctx.fillStyle = css(shade(skinTint(identity), 0.8));
  ctx.fillRect(x - r * 0.36 - turn * r * 0.5, y + r * 0.3, r * 0.72, r * 1.2);
  const cloth = randomTint(source);
  const top = y + r * source.between(1.02, 1.25);
  const half = r * source.between(1.3, 2.1);
  const middle = x - turn * r;
  ctx.beginPath();
  ctx.moveTo(middle - half, y + r * 3);
  ctx.bezierCurveTo(middle - half, top + r * 0.3, middle - r * 0.7, top + r * 0.05, middle - r * 0.34, top);
  ctx.quadraticCurveTo(middle, top + r * source.between(0.1, 0.7), middle + r * 0.34, top);
  ctx.bezierCurveTo(middle + r * 0.7, top + r * 0.05, middle + half, top + r * 0.3, middle + half, y + r * 3);
  ctx.closePath();
  ctx.fillStyle = css(cloth);
  ctx.fill();
  if (source.chance(0.4)) {
    ctx.clip();
    ctx.fillStyle = css(randomTint(source), 0.8);
    const step = r * source.between(0.15, 0.5);
    for (let at = -half; at < half; at += step * 2)
      ctx.fillRect(middle + at, top, step * source.between(0.3, 1), r * 3);
  }
  ctx.restore();
}

/** A hand, a scarf, a bar or the head of somebody nearer: hides a small part of one face in six. */
function drawCover(ctx: SKRSContext2D, source: Random, view: HeadView): void {
  if (!source.chance(0.17)) return;
  const { x, y, radius: r } = view;
  const kind = source.pick(['hand', 'hand', 'head', 'bar'] as const);
  const side = source.pick([-1, 1]);
  ctx.save();
  if (kind === 'head') {
    const other = makeIdentity(`cover/${source.int(0, 2 ** 31 - 1)}`);
    const near = source.between(1, 1.4);
    const reach = r * (0.55 + 0.75 * near) * source.between(0.95, 1.2);
    drawHead(ctx, other, randomLook(other, source), {
      x: x + side * reach,
      y: y + r * source.between(-0.1, 0.9),
      radius: r * near,
      yaw: source.between(-Math.PI, Math.PI),
      pitch: source.normal() * 0.2,
      roll: source.normal() * 0.1,
    });
  } else if (kind === 'bar') {
    ctx.fillStyle = css(randomTint(source));
    const wide = r * source.between(0.1, 0.3);
    ctx.translate(x + side * r * source.between(0.2, 0.8), y);
    ctx.rotate(source.normal() * 0.4);
    ctx.fillRect(-wide / 2, -r * 3, wide, r * 6);
  } else {
    const skin = skinTint(makeIdentity(`hand/${source.int(0, 2 ** 31 - 1)}`));
    ctx.translate(x + side * r * source.between(0.35, 0.8), y + r * source.between(0.2, 0.8));
    ctx.rotate(side * source.between(-0.9, 0.5));
    ctx.lineCap = 'round';
    for (const [n, length] of [0.5, 0.58, 0.56, 0.44].entries()) {
      ctx.strokeStyle = css(shade(skin, 0.86 + 0.05 * (n % 2)));
      ctx.lineWidth = r * 0.17;
      ctx.beginPath();
      ctx.moveTo(r * (n - 1.5) * 0.16, 0);
      ctx.lineTo(r * (n - 1.5) * 0.2, -r * length);
      ctx.stroke();
    }
    ctx.fillStyle = css(shade(skin, 0.9));
    ctx.beginPath();
    ctx.ellipse(0, r * 0.14, r * 0.36, r * 0.34, 0, 0, Math.PI * 2);
    ctx.fill();
    ctx.fillRect(-r * 0.22, r * 0.3, r * 0.44, r * 2);
  }
  ctx.restore();
}
