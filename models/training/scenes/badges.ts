import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCanvas, ImageData } from '@napi-rs/canvas';
import { aim } from '../data/conditions.ts';
import { isCommand } from '../data/options.ts';
import { drawPerson } from '../render/body.ts';
import { Camera } from '../render/camera.ts';
import { neutralLook } from '../render/identity.ts';
import { applyLight } from '../render/light.ts';
import { random } from '../render/random.ts';
import { css, shade, type Tint } from '../render/tint.ts';
import type { FaceIdentity, FaceLook, Light, Point, Wear } from '../render/types.ts';
import { makePerson } from '../render/wardrobe.ts';
import { wearOut } from '../render/wear.ts';
import { type Known, people } from './staff.ts';

const USAGE = `node --import tsx models/training/scenes/badges.ts --out <folder>

Draws the pictures that people of the scenes are enrolled with, as for a badge, and lists them in people.json.`;

/** One person of people.json. */
export interface Badge {
  /** File beside the list. */
  picture: string;
  name: string;
  gender: 'female' | 'male';
  age: number;
  /** `watch`: somebody whose coming is to be told at once. */
  list: 'staff' | 'watch';
  /** Of the identity, as the truth of every clip names it. */
  identity: string;
}

/** Comes into the lobby without ever having been at the photographer's: also among staff there are new faces. */
const WITHOUT_BADGE: readonly Known[] = [people.hana];

const SIZE = { width: 300, height: 360 };
const JPEG_QUALITY = 88;
/** Half the height of the head in the picture, pixels. */
const HEAD = 84;
/** As far as somebody stands from a photographer, metres. */
const DISTANCE = 1.9;
const LIGHT: Light = { level: 1.04, warmth: 0.08, from: 0.45, hardness: 0.22 };
const WEAR: Wear = { noise: 1.2, blur: 0, vignette: 0.1 };
const WALL: Tint = [203, 211, 217];

/** Who has a badge, in the order of the staff. */
export const BADGES: readonly Known[] = Object.values(people).filter((one) => !WITHOUT_BADGE.includes(one));

export function badgeOf({ name, role, face }: Known): Badge {
  return {
    picture: `${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.jpg`,
    name,
    gender: face.gender,
    age: face.age,
    list: role === 'key' ? 'watch' : 'staff',
    identity: face.id,
  };
}

/** Somebody calm who looks into the camera, before a plain wall; a JPEG. */
export function drawBadge({ face }: Known): Buffer {
  return badgePicture(face, neutralLook(face)).jpeg;
}

/** The same of anybody, however he looks, with the true landmarks in pixels of the picture. */
export function badgePicture(face: FaceIdentity, look: FaceLook): { jpeg: Buffer; landmarks: Point[] } {
  const source = random(`badge/${face.id}`);
  const dressed = makePerson(face, source.stream('clothes'), {
    uniform: 'st_office_uniform',
    bag: undefined,
    umbrella: undefined,
  });
  const person = { ...dressed, look };
  const head = person.height - 0.12;
  const target = { x: 0, y: head, z: DISTANCE };
  const camera = new Camera(aim({ target, metres: 0.12, pixels: HEAD, ...SIZE, above: head, below: -24 }));
  const canvas = createCanvas(SIZE.width, SIZE.height);
  const ctx = canvas.getContext('2d');
  const wall = ctx.createRadialGradient(SIZE.width * 0.6, SIZE.height * 0.36, 20, SIZE.width / 2, SIZE.height / 2, 320);
  wall.addColorStop(0, css(shade(WALL, 1.08)));
  wall.addColorStop(1, css(shade(WALL, 0.8)));
  ctx.fillStyle = wall;
  ctx.fillRect(0, 0, SIZE.width, SIZE.height);
  const position = { x: 0, y: 0, z: DISTANCE };
  // Nobody stands quite straight.
  const turned = {
    heading: source.normal() * 0.04,
    headYaw: source.normal() * 0.02,
    headPitch: source.normal() * 0.02,
  };
  const truth = drawPerson(ctx, { id: face.id, person, position, pose: 'stand', phase: 0, ...turned }, camera, LIGHT);
  applyLight(ctx, SIZE.width, SIZE.height, LIGHT);
  const data = wearOut(canvas, WEAR, 1);
  ctx.putImageData(new ImageData(Uint8ClampedArray.from(data), SIZE.width, SIZE.height), 0, 0);
  return { jpeg: canvas.toBuffer('image/jpeg', JPEG_QUALITY), landmarks: [...(truth.head.face?.landmarks ?? [])] };
}

/** Writes the pictures and their list into a folder. */
export async function writeBadges(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const list: Badge[] = [];
  for (const one of BADGES) {
    const badge = badgeOf(one);
    await writeFile(join(folder, badge.picture), drawBadge(one));
    list.push(badge);
  }
  await writeFile(join(folder, 'people.json'), `${JSON.stringify(list, null, 2)}\n`);
}

if (isCommand(import.meta.url)) {
  const { values } = parseArgs({ options: { out: { type: 'string' }, help: { type: 'boolean', default: false } } });
  if (values.out && !values.help) await writeBadges(values.out);
  else {
    console.log(USAGE);
    if (!values.help) process.exitCode = 2;
  }
}
