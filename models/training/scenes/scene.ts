import { Camera, type CameraSetup } from '../render/camera.ts';
import type { Box, ClipTruth, EventKind, Light, Person, Place, Thing, Vehicle, Wear, World } from '../render/types.ts';
import type { Rule } from './events.ts';
import type { Spot } from './ground.ts';
import type { Track } from './route.ts';

/** Somebody who plays in a scene. */
export interface Member {
  id: string;
  person: Person;
  track: Track;
}

/** A vehicle that plays in a scene: where it is at a time, undefined while it is away. */
export interface Rolling {
  vehicle: Omit<Vehicle, 'position' | 'heading'>;
  at(seconds: number): { x: number; z: number; heading: number } | undefined;
}

export type Zone = ClipTruth['zones'][number];

/** Everything that a scene shows, worked out for one seed. */
export interface Stage {
  camera: CameraSetup;
  place: Place;
  light: Light;
  wear: Wear;
  members: readonly Member[];
  vehicles: readonly Rolling[];
  things(seconds: number): Thing[];
  zones: readonly Zone[];
  rules: readonly Rule[];
}

export interface Scene {
  name: string;
  title: { en: string; zh: string };
  seconds: number;
  fps: number;
  /** Of the clip, at most about. */
  kbps: number;
  /** Events that must come about in it, whatever the seed. */
  promises: readonly EventKind[];
  stage(seed: number): Stage;
}

export function frameCount(scene: Scene): number {
  return Math.round(scene.seconds * scene.fps);
}

/** The world at a time of the clip. The seed of a place is its scene's: furniture stays when people change. */
export function worldAt(scene: Scene, stage: Stage, seconds: number): World {
  const actors: World['actors'] = [];
  for (const member of stage.members) {
    const now = member.track.at(seconds);
    if (!now) continue;
    const { x, z, ...rest } = now;
    actors.push({ id: member.id, person: awake(member, seconds, scene.seconds), position: { x, y: 0, z }, ...rest });
  }
  const vehicles: Vehicle[] = [];
  for (const { vehicle, at } of stage.vehicles) {
    const now = at(seconds);
    if (now) vehicles.push({ ...vehicle, position: { x: now.x, y: 0, z: now.z }, heading: now.heading });
  }
  return {
    camera: stage.camera,
    place: { kind: stage.place, seed: 1 },
    light: stage.light,
    wear: stage.wear,
    actors,
    vehicles,
    things: stage.things(seconds),
  };
}

/** Eyes blink now and then, and are shut asleep. */
function awake(member: Member, seconds: number, length: number): Person {
  const { person } = member;
  const shift = [...member.id].reduce((sum, letter) => sum * 7 + letter.charCodeAt(0), 0) % 100;
  const every = length / Math.round(length / 4.3);
  const blinks = (seconds + shift * 0.37) % every < 0.12;
  const asleep = member.track.at(seconds)?.pose === 'doze';
  return blinks || asleep ? { ...person, look: { ...person.look, eyesClosed: 1 } } : person;
}

/** A line or an area that is given on the ground, as it is seen in the picture. */
export function zoneOnGround(camera: CameraSetup, name: string, kind: Zone['kind'], spots: readonly Spot[]): Zone {
  const lens = new Camera(camera);
  const points = spots.map(([x, z]): [number, number] => {
    const seen = lens.project({ x, y: 0, z });
    return [Math.round(seen.x), Math.round(seen.y)];
  });
  return { name, kind, points };
}

/** The part of a box that lies inside the picture, whole pixels; undefined where nothing is left. */
export function wholePixels(box: Box, camera: CameraSetup): Box | undefined {
  const cut = (value: number, limit: number): number => Math.max(0, Math.min(limit, Math.round(value)));
  const rounded: Box = [
    cut(box[0], camera.width),
    cut(box[1], camera.height),
    cut(box[2], camera.width),
    cut(box[3], camera.height),
  ];
  return rounded[2] > rounded[0] && rounded[3] > rounded[1] ? rounded : undefined;
}
