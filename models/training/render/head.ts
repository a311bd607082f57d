import type { SKRSContext2D } from '@napi-rs/canvas';
import { wrap } from './camera.ts';
import { drawBeard } from './face-beard.ts';
import { drawBrow } from './face-brows.ts';
import { type FaceColours, faceColours } from './face-colours.ts';
import { type Mimic, mimicOf } from './face-expression.ts';
import { drawEye, eyeMiddle } from './face-eyes.ts';
import { drawGlasses } from './face-glasses.ts';
import { drawMarks, drawWrinkles } from './face-marks.ts';
import { drawMouth, Mouth } from './face-mouth.ts';
import { drawNoseWrinkles, Nose } from './face-nose.ts';
import { FacePen } from './face-pen.ts';
import { Hair } from './hair.ts';
import { Hat } from './hat.ts';
import { type HeadBuild, headBuild } from './head-build.ts';
import { drawEar, earIsNear } from './head-ears.ts';
import { skullOf } from './head-skull.ts';
import { Bounds, HeadSpace, projectGrid, traceGrid } from './head-space.ts';
import { drawMask } from './mask.ts';
import { css, mix } from './tint.ts';
import type { Box, FaceIdentity, FaceLook, HeadTruth, HeadView, Point } from './types.ts';

/** A head turned further than this shows no face. */
const FACE_LIMIT = (80 * Math.PI) / 180;

/** Heads with a larger radius, in pixels, are made of twice as many points each way, with a smaller one of half. */
const FINE = 70;
const COARSE = 24;

/** Where light comes from (radians, 0 the viewer, +pi/2 the right) and how hard it is, 0..1. */
export interface HeadShade {
  from: number;
  hardness: number;
}

/**
 * Draws one head with the start of its neck at any angle and tells exactly where its parts are, in pixels of the
 * context. Landmarks are the points that eyes, nose and mouth are drawn at; "left" of a face means left in the picture
 * of the upright head, also where it is rolled. Throws a RangeError where the view has no size or is no number.
 */
export function drawHead(
  ctx: SKRSContext2D,
  identity: FaceIdentity,
  look: FaceLook,
  view: HeadView,
  shade: HeadShade = { from: -0.7, hardness: 0.4 },
): HeadTruth {
  check(view);
  const build = headBuild(identity);
  const colours = faceColours(identity);
  const mimic = mimicOf(look);
  const space = new HeadSpace(view);
  const skull = skullOf(build, mimic.drop, view.radius > FINE ? 2 : view.radius < COARSE ? 0.5 : 1);
  const pen = new FacePen(ctx, space, skull, new Bounds());
  const hair = new Hair(pen, build, identity, colours, look.hat !== undefined);
  const hat = look.hat ? new Hat(pen, look.hat.style, look.hat.colour) : undefined;
  const lit = Math.sin(shade.from) >= 0 ? 1 : -1;
  const skin = skinPaint(ctx, view, colours, shade);
  ctx.save();
  hair.drawBehind();
  hat?.drawBehind();
  const back = Math.cos(view.yaw) < -0.15;
  if (!back) drawNeck(pen, build, colours, false);
  const ears = hair.coversEars ? [] : [-1, 1];
  for (const side of ears) if (!earIsNear(pen, side)) drawEar(pen, build, colours, side, skin);
  fillSkull(pen, skin, colours);
  if (back) drawNeck(pen, build, colours, true);
  const nose = new Nose(pen, build, mimic);
  if (space.depth(0, 0, 1) > -0.5) drawFace(pen, build, identity, look, mimic, colours, nose, skin, lit, shade);
  hair.drawBefore(hairPaint(ctx, view, colours, lit));
  for (const side of ears) if (earIsNear(pen, side)) drawEar(pen, build, colours, side, skin);
  hat?.drawBefore(lit);
  ctx.restore();
  const truth: HeadTruth = { head: pen.bounds.box };
  if (Math.abs(wrap(view.yaw)) <= FACE_LIMIT) truth.face = faceTruth(pen, build, mimic, nose);
  if (hat && look.hat?.style === 'st_hard_hat') truth.helmet = hat.box;
  return truth;
}

function check(view: HeadView): void {
  for (const [name, value] of Object.entries(view)) {
    if (!Number.isFinite(value)) throw new RangeError(`${name} of a head is not a number: ${value}`);
  }
  if (view.radius <= 0) throw new RangeError(`a head has no size: radius ${view.radius}`);
}

function drawFace(
  pen: FacePen,
  build: HeadBuild,
  identity: FaceIdentity,
  look: FaceLook,
  mimic: Mimic,
  colours: FaceColours,
  nose: Nose,
  skin: CanvasGradient | string,
  lit: number,
  shade: HeadShade,
): void {
  const { mouth } = build;
  const pixels = pen.pixels(1);
  if (pixels >= 14) {
    pen.ctx.save();
    traceSkull(pen);
    pen.ctx.clip();
    for (const side of [-1, 1]) {
      pen.glow(
        side * 0.43,
        mouth.y + 0.27,
        0.21,
        0.17,
        (a) => css(colours.blush, a),
        0.24 + 0.25 * mimic.cheekUp + 0.15 * build.child,
      );
    }
    pen.glow(-lit * 0.56, -0.3, 0.34, 0.7, (a) => css(colours.shade, a), 0.2 + 0.45 * shade.hardness);
    pen.ctx.restore();
  }
  for (const side of [-1, 1]) drawEye(pen, build, mimic, colours, side);
  for (const side of [-1, 1]) drawBrow(pen, build, mimic, colours, side);
  drawWrinkles(pen, build, mimic, colours);
  if (look.beard) drawBeard(pen, build, mimic, colours);
  drawMouth(pen, build, mimic, colours);
  nose.draw(skin, colours, lit, shade.hardness);
  drawNoseWrinkles(pen, build, mimic, colours);
  drawMarks(pen, identity, colours);
  if (look.mask) drawMask(pen, build, look.mask, lit);
  if (look.glasses !== 'none') drawGlasses(pen, build, identity, look.glasses);
}

function traceSkull(pen: FacePen): Float64Array {
  const grid = pen.skull.grid();
  const flat = projectGrid(pen.space, grid);
  pen.ctx.beginPath();
  traceGrid(pen.ctx, grid, flat, 'all');
  return flat;
}

function fillSkull(pen: FacePen, skin: CanvasGradient | string, colours: FaceColours): void {
  const { ctx } = pen;
  const grid = pen.skull.grid();
  const flat = traceSkull(pen);
  pen.bounds.addFlat(flat);
  ctx.fillStyle = skin;
  ctx.fill();
  if (pen.pixels(1) < 10 || pen.space.depth(0, 0, 1) < -0.15) return;
  // The floor of the jaw lies in shade.
  const middle = (grid.columns - 1) / 2;
  ctx.beginPath();
  traceGrid(ctx, grid, flat, 'front', (_depth, row, column) => {
    const down = (row / pen.skull.detail - 17) / 9;
    return down > 0 && Math.abs(column + 0.5 - middle) > middle * (0.72 - 0.32 * down);
  });
  ctx.fillStyle = css(colours.shade, 0.3);
  ctx.fill();
}

/** The neck leaves the skull below its back and goes down to shoulders that do not nod with the head. */
function drawNeck(pen: FacePen, build: HeadBuild, colours: FaceColours, back: boolean): void {
  const { ctx, space } = pen;
  const { view } = space;
  const upright = new HeadSpace({ ...view, pitch: 0 });
  const top = space.project(0, back ? -0.5 : -0.3, -0.24);
  const end = upright.project(0, -1.42, -0.36);
  const half = build.neck * view.radius;
  const [ax, ay] = [Math.cos(view.roll) * half, Math.sin(view.roll) * half];
  const [mx, my] = [(top[0] + end[0] * 2) / 3, (top[1] + end[1] * 2) / 3];
  ctx.beginPath();
  ctx.moveTo(top[0] - ax, top[1] - ay);
  ctx.quadraticCurveTo(mx - ax * 0.9, my - ay * 0.9, end[0] - ax * 1.16, end[1] - ay * 1.16);
  ctx.lineTo(end[0] + ax * 1.16, end[1] + ay * 1.16);
  ctx.quadraticCurveTo(mx + ax * 0.9, my + ay * 0.9, top[0] + ax, top[1] + ay);
  ctx.closePath();
  const paint = ctx.createLinearGradient(top[0], top[1], end[0], end[1]);
  const dark = mix(colours.skin, colours.shade, back ? 0.3 : 0.55);
  paint.addColorStop(0, css(back ? mix(colours.skin, colours.shade, 0.1) : dark));
  paint.addColorStop(0.62, css(dark));
  paint.addColorStop(1, css(mix(colours.skin, colours.shade, 0.2)));
  ctx.fillStyle = paint;
  ctx.fill();
}

function skinPaint(ctx: SKRSContext2D, view: HeadView, colours: FaceColours, shade: HeadShade): CanvasGradient {
  const r = view.radius;
  const side = Math.sin(shade.from);
  const paint = ctx.createLinearGradient(
    view.x + side * r * 0.9,
    view.y - r * 0.7,
    view.x - side * r * 0.9,
    view.y + r * 0.9,
  );
  paint.addColorStop(0, css(mix(colours.skin, colours.light, 0.8)));
  paint.addColorStop(0.5, css(colours.skin));
  paint.addColorStop(1, css(mix(colours.skin, colours.shade, 0.22 + 0.4 * shade.hardness)));
  return paint;
}

function hairPaint(ctx: SKRSContext2D, view: HeadView, colours: FaceColours, lit: number): CanvasGradient {
  const r = view.radius;
  const paint = ctx.createLinearGradient(view.x + lit * r * 0.6, view.y - r * 1.1, view.x - lit * r * 0.6, view.y + r);
  paint.addColorStop(0, css(colours.hairLight));
  paint.addColorStop(0.4, css(colours.hair));
  paint.addColorStop(1, css(mix(colours.hair, colours.hairDark, 0.6)));
  return paint;
}

function faceTruth(pen: FacePen, build: HeadBuild, mimic: Mimic, nose: Nose): NonNullable<HeadTruth['face']> {
  const { space } = pen;
  const mouth = new Mouth(build, mimic);
  const spot = ([x, y]: Point): Point => pen.project(x, y);
  const landmarks: [Point, Point, Point, Point, Point] = [
    spot(eyeMiddle(build, -1)),
    spot(eyeMiddle(build, 1)),
    space.project(nose.tip.x, nose.tip.y, nose.tip.z),
    spot(mouth.corner(-1)),
    spot(mouth.corner(1)),
  ];
  return { box: faceBox(pen, build, landmarks), landmarks };
}

/** From the hair line to the chin and over the cheeks, as far as they are turned to the viewer, with the nose. */
function faceBox(pen: FacePen, build: HeadBuild, landmarks: readonly Point[]): Box {
  const { space, skull } = pen;
  const bounds = new Bounds();
  for (const [x, y] of landmarks) bounds.add(x, y);
  for (let row = 0; row <= 14; row += 1) {
    const y = build.hairLine + (skull.chin + 0.003 - build.hairLine) * (row / 14);
    for (let n = -8; n <= 8; n += 1) {
      const p = skull.at(y, (n / 8) * 1.4);
      if (space.depth(p.x, 0, p.z - skull.middle(y)) < 0) continue;
      const [x, py] = space.project(p.x, p.y, p.z);
      bounds.add(x, py);
    }
  }
  return bounds.box;
}
