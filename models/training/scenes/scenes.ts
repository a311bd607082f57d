import { carPark } from './car-park.ts';
import { desk } from './desk.ts';
import { fightAndFall } from './fight-and-fall.ts';
import { gate } from './gate.ts';
import { hall } from './hall.ts';
import { lobby } from './lobby.ts';
import type { Scene } from './scene.ts';
import { site } from './site.ts';
import { spoof } from './spoof.ts';
import { workshop } from './workshop.ts';
import { yard } from './yard.ts';

/** In the order in which a visitor meets them. */
export const SCENES: readonly Scene[] = [lobby, gate, hall, yard, desk, site, workshop, fightAndFall, carPark, spoof];

/** Throws a RangeError that lists the scenes where the name is none. */
export function sceneOf(name: string): Scene {
  const scene = SCENES.find((one) => one.name === name);
  if (!scene) throw new RangeError(`no scene is called ${name}; there are ${SCENES.map((one) => one.name).join(', ')}`);
  return scene;
}
