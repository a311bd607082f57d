import { type Canvas, createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import { Camera, type CameraSetup } from './camera.ts';
import { anyPlace } from './places/any.ts';
import { corridor, desk, hall } from './places/inside.ts';
import { lobby } from './places/lobby.ts';
import { carPark, gate, street, yard } from './places/outside.ts';
import type { PlaceDrawing, Prop } from './places/place-drawing.ts';
import { site, workshop } from './places/work.ts';
import type { Light, Place, World } from './types.ts';

type Scenery = Pick<World, 'camera' | 'place'> & { light: Light };

const PLACES: Readonly<Record<Place, (seed: number) => PlaceDrawing>> = {
  lobby,
  gate,
  yard,
  desk,
  site,
  hall,
  workshop,
  street,
  'car-park': carPark,
  corridor,
  any: anyPlace,
};

const metres = (above: number, tilt: number, view: number): Omit<CameraSetup, 'width' | 'height'> => ({
  above,
  tilt,
  view,
});
const SETUPS: Readonly<Record<Place, Omit<CameraSetup, 'width' | 'height'>>> = {
  lobby: metres(2.3, 0.17, 1.12),
  gate: metres(3.2, 0.2, 1.1),
  yard: metres(4.2, 0.3, 1.15),
  desk: metres(2.4, 0.25, 1.05),
  site: metres(3.4, 0.22, 1.1),
  hall: metres(3.4, 0.28, 1.15),
  workshop: metres(3, 0.22, 1.1),
  street: metres(3.6, 0.24, 1.1),
  'car-park': metres(4, 0.28, 1.15),
  corridor: metres(2.4, 0.17, 1),
  any: metres(2.4, 0.2, 1.1),
};

/** The camera that a place was designed for; any other works too. Sizes in pixels. */
export function placeCamera(kind: Place, width: number, height: number): CameraSetup {
  return { width, height, ...SETUPS[kind] };
}

/** How many backdrops are kept; one of 1280 x 720 takes 3.7 MB. */
const KEPT = 6;
const backdrops = new Map<string, Canvas>();

/** Draws floor, walls, sky and furniture; one place, camera and seed always give the same pixels. */
export function drawPlace(ctx: SKRSContext2D, world: Scenery): void {
  const key = JSON.stringify([world.place, world.camera]);
  let canvas = backdrops.get(key);
  if (!canvas) {
    canvas = createCanvas(world.camera.width, world.camera.height);
    const pen = canvas.getContext('2d');
    PLACES[world.place.kind](world.place.seed).backdrop(pen, new Camera(world.camera));
    if (backdrops.size >= KEPT) backdrops.delete(backdrops.keys().next().value!);
  } else backdrops.delete(key);
  // Set anew at the end: the one longest unused goes first.
  backdrops.set(key, canvas);
  ctx.drawImage(canvas, 0, 0);
}

/** Furniture that stands free and may hide people; empty for most places. */
export function placeProps(world: Scenery): readonly Prop[] {
  return PLACES[world.place.kind](world.place.seed).props;
}

/** 0 dull .. 1 mirror: how much the floor shows of what stands on it. */
export function placeGloss(world: Scenery): number {
  return PLACES[world.place.kind](world.place.seed).gloss;
}
