import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import { drawPerson, personBounds } from './body.ts';
import { bodyAngle, bodyStatus } from './body-attributes.ts';
import { Camera, NEAR } from './camera.ts';
import { drawExtinguisher, extinguisherBounds } from './extinguisher.ts';
import { blazeBounds, drawBlaze } from './fire.ts';
import { Cover, cellFor, clip, drawLayer, type Frame, type Layer } from './layer.ts';
import { applyLight, drawShadow } from './light.ts';
import { drawPicture, type Hold, type PictureThing, pictureBounds } from './picture.ts';
import { drawPlace, placeGloss, placeProps } from './place.ts';
import type { Prop } from './places/place-drawing.ts';
import { at, Space } from './space.ts';
import type { Actor, Box, ObjectTruth, PersonTruth, Vehicle, World } from './types.ts';
import { drawVehicle, vehicleBounds } from './vehicle.ts';
import { VEHICLE_SHAPES } from './vehicle-shapes.ts';
import { wearOut } from './wear.ts';

/** What is less to be seen than this is not said to be there. */
const LEAST_VISIBLE = 0.05;

export interface DrawnWorld {
  width: number;
  height: number;
  /** RGBA. */
  data: Uint8ClampedArray;
  objects: ObjectTruth[];
}

export interface DrawOptions {
  /** Costs about a millisecond a person. */
  withTruth?: boolean;
  /** `visible` counts only what lies in the picture: halves the time for what its edges cut. */
  within?: boolean;
  /** Number of the frame: its noise is another than that of the next. */
  frame?: number;
}

/** An object before it is known what hides it; its box in pixels, not clipped. */
type Found = Omit<ObjectTruth, 'visible'>;

interface Drawn {
  layer: Layer;
  /** Metres from the camera. */
  z: number;
  found: Found[];
  /** Gives light of its own: stays bright where the place is dark. */
  shines?: boolean;
  /** Where it stands, for its mirror image in the floor. */
  foot?: number;
}

/**
 * Draws one moment of a scene: the place, then everything in it from far to near, then light and wear. The same world
 * always gives the same bytes.
 *
 * @returns The picture and, where `withTruth` is set, every object of which at least a twentieth is to be seen.
 */
export function drawWorld(world: World, options: DrawOptions = {}): DrawnWorld {
  const { width, height } = world.camera;
  const camera = new Camera(world.camera);
  const frame: Frame = {
    width,
    height,
    ...(options.withTruth ? { cell: cellFor(width), within: options.within === true } : {}),
  };
  const canvas = createCanvas(width, height);
  const ctx = canvas.getContext('2d');
  drawPlace(ctx, world);
  drawShadows(world, camera, ctx);

  const drawn: Drawn[] = [
    ...world.vehicles.flatMap((vehicle) => vehicleLayer(vehicle, world, camera, frame)),
    ...world.actors.flatMap((actor) => actorLayers(actor, world, camera, frame)),
    ...world.things.flatMap((thing) => (thing.kind === 'picture' ? [] : thingLayer(thing, camera, frame))),
    ...placeProps(world).flatMap((prop) => propLayer(prop, camera, frame)),
  ];
  // A stable sort: what is as far away as another thing keeps its place.
  drawn.sort((a, b) => b.z - a.z);
  const gloss = placeGloss(world);
  if (gloss > 0) for (const { layer, foot } of drawn) if (foot !== undefined) mirror(ctx, layer, foot, gloss);
  for (const { layer } of drawn) ctx.drawImage(layer.canvas, layer.left, layer.top);

  applyLight(ctx, width, height, world.light);
  if (world.light.level < 1) shine(ctx, drawn, 1 - world.light.level);
  const data = wearOut(canvas, world.wear, noiseSeed(world, options.frame ?? 0));
  return { width, height, data, objects: options.withTruth ? judge(drawn, frame) : [] };
}

/** From near to far: each object is seen where no nearer layer covers it. */
function judge(drawn: readonly Drawn[], frame: Frame): ObjectTruth[] {
  const cover = new Cover(frame);
  const objects: ObjectTruth[] = [];
  for (const { layer, found } of drawn.toReversed()) {
    if (!layer.mask) continue;
    for (const object of found) {
      const box = clip(object.box, frame.width, frame.height);
      const visible = cover.visible(layer.mask, object.box);
      if (box && visible >= LEAST_VISIBLE) objects.push({ ...object, box, visible: Math.min(1, visible) });
    }
    cover.add(layer.mask);
  }
  return objects.reverse();
}

function actorLayers(actor: Actor, world: World, camera: Camera, frame: Frame): Drawn[] {
  if (camera.project(actor.position).depth <= NEAR * 2) return [];
  const done = drawLayer(personBounds(actor, camera), frame, (ctx) => drawPerson(ctx, actor, camera, world.light));
  if (!done) return [];
  const z = sortingDepth(actor, world.vehicles);
  const own: Drawn = {
    layer: done.layer,
    z,
    found: personObjects(actor, done.result),
    foot: camera.project(actor.position).y,
  };
  const pictures = world.things
    .filter((thing): thing is PictureThing => thing.kind === 'picture' && thing.heldBy === actor.id)
    .flatMap((thing) => pictureLayer(thing, actor, done.result, camera, frame, z - 1e-4));
  return [own, ...pictures];
}

/**
 * A vehicle is long: whoever stands at its flank can be farther away than its middle and yet before it. The depth to
 * sort by is moved to the right side of every vehicle nearby.
 */
function sortingDepth({ position }: Actor, vehicles: readonly Vehicle[]): number {
  let depth = position.z;
  for (const vehicle of vehicles) {
    const { length, width } = VEHICLE_SHAPES[vehicle.class];
    const [sin, cos] = [Math.sin(vehicle.heading), Math.cos(vehicle.heading)];
    const inFrame = (x: number, z: number): [number, number] => [x * sin - z * cos, x * cos + z * sin];
    const [forward, right] = inFrame(position.x - vehicle.position.x, position.z - vehicle.position.z);
    if (Math.hypot(forward, right) > length / 2 + 2) continue;
    const [eyeForward, eyeRight] = inFrame(-vehicle.position.x, -vehicle.position.z);
    // Before it is who stands on the camera's side of a flank that is turned to the camera.
    const outside = (eye: number, own: number, half: number): boolean =>
      (eye > half && own > half) || (eye < -half && own < -half);
    const before = outside(eyeForward, forward, length / 2) || outside(eyeRight, right, width / 2);
    if (before) depth = Math.min(depth, vehicle.position.z - 0.01);
    else depth = Math.max(depth, vehicle.position.z + 0.01);
  }
  return depth;
}

function personObjects(actor: Actor, truth: PersonTruth): Found[] {
  const of = actor.id;
  const found: Found[] = [
    {
      kind: 'person',
      of,
      box: truth.box,
      status: bodyStatus(actor.pose, actor.phase),
      angle: bodyAngle(truth.bodyYaw),
    },
  ];
  const { face, helmet } = truth.head;
  if (face)
    found.push({
      kind: 'face',
      of,
      box: face.box,
      landmarks: face.landmarks,
      yaw: truth.yaw,
      pitch: truth.pitch,
      alive: true,
    });
  if (helmet) found.push({ kind: 'helmet', of, box: helmet });
  if (truth.phone) found.push({ kind: 'phone', of, box: truth.phone });
  if (truth.cigarette) found.push({ kind: 'cigarette', of, box: truth.cigarette });
  return found;
}

/** Held before the face, or before the chest by somebody who holds something with both hands. */
function pictureLayer(
  thing: PictureThing,
  actor: Actor,
  truth: PersonTruth,
  camera: Camera,
  frame: Frame,
  z: number,
): Drawn[] {
  const head = truth.head.face?.box ?? truth.head.head;
  const scale = camera.project(
    at(actor.position.x, actor.person.height * 0.9, Math.max(0.5, actor.position.z - 0.25)),
  ).scale;
  const [x, chin] = [(head[0] + head[2]) / 2, head[3]];
  const y = actor.pose === 'hold' ? chin + 0.32 * scale : (head[1] + chin) / 2;
  const hold: Hold = { x, y, scale };
  const done = drawLayer(pictureBounds(thing, hold), frame, (ctx) => drawPicture(ctx, thing, hold));
  if (!done) return [];
  const { face, box } = done.result;
  const found: Found[] = [];
  // A screen is most often a telephone; what is larger than a hand is not.
  if (thing.on === 'screen' && thing.width < 0.12) found.push({ kind: 'phone', of: thing.id, box });
  if (face)
    found.push({
      kind: 'face',
      of: thing.id,
      box: face.box,
      landmarks: face.landmarks,
      yaw: thing.yaw,
      pitch: 0,
      alive: false,
    });
  return [{ layer: done.layer, z, found, shines: thing.on === 'screen' }];
}

function vehicleLayer(vehicle: Vehicle, world: World, camera: Camera, frame: Frame): Drawn[] {
  const bounds = vehicleBounds(vehicle, camera);
  const done = bounds && drawLayer(bounds, frame, (ctx) => drawVehicle(ctx, vehicle, camera, world.light));
  if (!done) return [];
  const found: Found[] = [
    { kind: 'vehicle', of: vehicle.id, box: done.result.box },
    ...done.result.plates.map(({ box, text }): Found => ({ kind: 'plate', of: vehicle.id, box, text })),
  ];
  return [{ layer: done.layer, z: vehicle.position.z, found }];
}

function thingLayer(thing: Exclude<World['things'][number], PictureThing>, camera: Camera, frame: Frame): Drawn[] {
  const { position, kind, id: of } = thing;
  const bounds = kind === 'extinguisher' ? extinguisherBounds(position, camera) : blazeBounds(thing, camera);
  const done =
    bounds &&
    drawLayer(bounds, frame, (ctx) =>
      kind === 'extinguisher' ? drawExtinguisher(ctx, position, camera) : drawBlaze(ctx, thing, camera),
    );
  return done
    ? [{ layer: done.layer, z: position.z, found: [{ kind, of, box: done.result }], shines: kind === 'fire' }]
    : [];
}

function propLayer(prop: Prop, camera: Camera, frame: Frame): Drawn[] {
  const bounds = boundsOf(prop, camera);
  const done = bounds && drawLayer(bounds, frame, (ctx) => prop.draw(new Space(ctx, camera)));
  return done ? [{ layer: done.layer, z: prop.z, found: [] }] : [];
}

function boundsOf({ from, to }: Prop, camera: Camera): Box | undefined {
  const corners = [from.x, to.x].flatMap((x) => [from.y, to.y].flatMap((y) => [from.z, to.z].map((z) => at(x, y, z))));
  const seen = corners.map((corner) => camera.project(corner));
  if (seen.some(({ depth }) => depth <= NEAR)) return undefined;
  const [xs, ys] = [seen.map(({ x }) => x), seen.map(({ y }) => y)];
  return [Math.min(...xs) - 2, Math.min(...ys) - 2, Math.max(...xs) + 2, Math.max(...ys) + 2];
}

/** Shadows lie below everything, so that none falls on somebody who stands before it. */
function drawShadows(world: World, camera: Camera, ctx: SKRSContext2D): void {
  for (const { position, heading, class: kind } of world.vehicles) {
    const { length, width, height } = VEHICLE_SHAPES[kind];
    drawShadow(ctx, camera, world.light, position, {
      wide: width * 0.62,
      deep: length * 0.6,
      high: height,
      turn: heading,
    });
  }
  for (const { position, person, pose, phase } of world.actors) {
    const lying = pose === 'fall' ? phase : 0;
    const wide = 0.3 + 0.45 * lying;
    drawShadow(ctx, camera, world.light, position, { wide, deep: wide, high: person.height * (1 - 0.8 * lying) });
  }
  for (const thing of world.things)
    if (thing.kind === 'extinguisher' && thing.position.y < 0.05)
      drawShadow(ctx, camera, world.light, thing.position, { wide: 0.12, deep: 0.12, high: 0.5 });
}

/** Gives flames and screens back what the dark has taken from them, where nothing nearer hides them. */
function shine(ctx: SKRSContext2D, drawn: readonly Drawn[], strength: number): void {
  for (const [n, { layer, shines }] of drawn.entries()) {
    if (!shines) continue;
    const glow = createCanvas(layer.canvas.width, layer.canvas.height);
    const pen = glow.getContext('2d');
    pen.drawImage(layer.canvas, 0, 0);
    pen.globalCompositeOperation = 'destination-out';
    for (const near of drawn.slice(n + 1))
      pen.drawImage(near.layer.canvas, near.layer.left - layer.left, near.layer.top - layer.top);
    ctx.save();
    ctx.globalCompositeOperation = 'screen';
    ctx.globalAlpha = Math.min(1, strength);
    ctx.drawImage(glow, layer.left, layer.top);
    ctx.restore();
  }
}

/** What stands on a polished floor is seen in it, upside down, and less the higher it is. */
function mirror(ctx: SKRSContext2D, { canvas, left, top }: Layer, foot: number, gloss: number): void {
  const bands = 7;
  const from = Math.min(canvas.height, foot - top);
  const band = Math.floor((canvas.height * 0.42) / bands);
  if (band < 1) return;
  ctx.save();
  ctx.translate(0, foot * 2);
  ctx.scale(1, -1);
  for (let n = 0; n < bands; n += 1) {
    const y = Math.round(from) - (n + 1) * band;
    if (y < 0) break;
    ctx.globalAlpha = gloss * 0.5 * (1 - n / bands);
    ctx.drawImage(canvas, 0, y, canvas.width, band, left, top + y, canvas.width, band);
  }
  ctx.restore();
}

/** Another number for another frame, also where only people have moved. */
function noiseSeed(world: World, frame: number): number {
  let sum = Math.imul(world.place.seed | 0, 31) + frame;
  for (const { position, phase } of world.actors)
    sum = (Math.imul(sum, 0x01000193) + Math.round(position.x * 1e4 + position.z * 1e5 + phase * 1e6)) | 0;
  return sum;
}
