import type { Box } from '../../core/vision/keys.ts';
import { iou, overlapArea } from '../../core/vision/tracking/box.ts';
import type { LabelledBox } from './tracking-metrics.ts';

/** What a detector would say of one frame of a made scene, beside what is really there. */
export interface SceneFrame {
  /** ms */
  time: number;
  truth: LabelledBox[];
  /** People who are there but hidden, or mostly outside the picture. */
  ignored: LabelledBox[];
  detections: { box: Box; score: number }[];
}

export interface Scene {
  width: number;
  height: number;
  frames: SceneFrame[];
}

/** One person: height in pixels at the bottom of the picture, and where the feet are when (ms, pixels). */
interface Person {
  id: number;
  height: number;
  steps: { time: number; x: number; y: number }[];
}

interface Plan {
  people: Person[];
  /** Frame times, ms. */
  times: number[];
  /** Something that stands in the way: its box; people with feet above its lower side are behind it. */
  pillar?: Box;
}

const WIDTH = 1280;
const HEIGHT = 720;
const ASPECT = 0.4;
/** Below this visible part nobody is asked to find a person. */
const FINDABLE = 0.3;

/** The made scenes by name; each gives a new variation of itself for every seed and the same one for the same seed. */
export const SCENES: Readonly<Record<string, (seed: number) => Scene>> = {
  crossing: (seed) => make(seed, crossing),
  parallel: (seed) => make(seed, parallel),
  pillar: (seed) => make(seed, pillar),
  reentry: (seed) => make(seed, reentry),
  'crowd 5 fps': (seed) => make(seed, (random) => crowd(random, 5)),
  'crowd 2.5 fps': (seed) => make(seed, (random) => crowd(random, 2.5)),
  runners: (seed) => make(seed, runners),
  irregular: (seed) => make(seed, irregular),
};

/** Two people walk slowly past each other; the nearer hides the other for about 0.6 s. */
function crossing(random: Random): Plan {
  const stroll = () => random.between(60, 75);
  const direction = random.pick([-1, 1]);
  const x = random.between(520, 760);
  const y = random.between(560, 600);
  const nearer = random.between(15, 40);
  return {
    people: [
      passing(1, random.between(330, 350), { x, y, time: 3500 }, direction * stroll(), [0, 7000]),
      passing(2, random.between(360, 400), { x, y: y + nearer, time: 3500 }, -direction * stroll(), [0, 7000]),
    ],
    times: steady(random, 5, 7000),
  };
}

/** Three people walk the same way at different speeds; the fastest overtakes, the middle one stops half way. */
function parallel(random: Random): Plan {
  const lanes = [470, 540, 630];
  const speeds = [random.between(60, 90), random.between(120, 150), random.between(180, 220)];
  const people = lanes.map((y, index) => {
    const speed = speeds[index]!;
    const x = 330 - 110 * index + random.between(-20, 20);
    const stop = index === 1 ? random.between(2500, 3500) : 6000;
    return {
      id: index + 1,
      height: random.between(300, 350),
      steps: [
        { time: 0, x, y },
        { time: stop, x: x + (speed * stop) / 1000, y },
        { time: 6000, x: x + (speed * stop) / 1000, y },
      ],
    };
  });
  return { people, times: steady(random, 5, 6000) };
}

/** A person walks behind a pillar and is hidden for about 1.5 s while another comes the other way in front of it. */
function pillar(random: Random): Plan {
  const speed = random.between(140, 170);
  const height = random.between(310, 350);
  const wide = speed * 1.5 + height * 0.12;
  return {
    people: [
      passing(1, height, { x: 640, y: 500, time: 3500 }, speed, [0, 7000]),
      passing(2, random.between(330, 370), { x: 640, y: 640, time: random.between(2800, 4200) }, -speed, [0, 7000]),
    ],
    pillar: [640 - wide / 2, 0, 640 + wide / 2, 560],
    times: steady(random, 5, 7000),
  };
}

/** A person leaves the picture at the right; 3 s later another comes in at the same place. */
function reentry(random: Random): Plan {
  const y = random.between(540, 640);
  const speed = random.between(160, 200);
  const height = random.between(320, 360);
  const gone = random.between(3200, 3800);
  const outside = WIDTH + height / 4;
  return {
    people: [
      passing(1, height, { x: outside, y, time: gone }, speed, [0, gone]),
      passing(2, height * random.between(0.93, 1.07), { x: outside, y, time: gone + 3000 }, -speed, [
        gone + 3000,
        10_000,
      ]),
    ],
    times: steady(random, 5, 10_000),
  };
}

/** Runners whose boxes in two frames do not meet, one after the other and one against them, past a slow walker. */
function runners(random: Random): Plan {
  const run = () => random.between(640, 760);
  return {
    people: [
      passing(1, random.between(270, 300), { x: 0, y: 500, time: 500 }, run(), [500, 2900]),
      passing(2, random.between(270, 300), { x: 0, y: 520, time: 1700 }, run(), [1700, 4100]),
      passing(3, random.between(280, 320), { x: WIDTH, y: 640, time: random.between(900, 1500) }, -run(), [900, 4100]),
      passing(4, random.between(260, 300), { x: 600, y: 580, time: 2000 }, random.between(60, 100), [0, 4500]),
    ],
    times: steady(random, 5, 4500),
  };
}

/** Twelve people wander about and hide one another. */
function crowd(random: Random, fps: number): Plan {
  const people = Array.from({ length: 12 }, (_, index) => wanderer(random, index + 1, 30_000));
  return { people, times: steady(random, fps, 30_000) };
}

/** Five wanderers seen at 60 to 600 ms between frames, with a hiccup of the camera of about a second now and then. */
function irregular(random: Random): Plan {
  const people = Array.from({ length: 5 }, (_, index) => wanderer(random, index + 1, 25_000));
  const times: number[] = [];
  for (let time = 0; time <= 25_000; ) {
    times.push(time);
    time += Math.round(
      random.chance(0.04) ? random.between(800, 1200) : random.between(60, 420) + random.between(0, 180),
    );
  }
  return { people, times };
}

/** Somebody who passes a point at a time with a constant speed (pixels/s along x) and is there from..to (ms). */
function passing(
  id: number,
  height: number,
  point: { x: number; y: number; time: number },
  speed: number,
  [from, to]: [number, number],
): Person {
  const at = (time: number) => ({ time, x: point.x + (speed * (time - point.time)) / 1000, y: point.y });
  return { id, height, steps: [at(from), at(to)] };
}

/** Somebody who walks at a person's pace, changes direction every few seconds and turns back at the walls. */
function wanderer(random: Random, id: number, until: number): Person {
  const height = random.between(230, 290);
  let x = random.between(100, WIDTH - 100);
  let y = random.between(260, HEIGHT - 20);
  let heading = random.between(0, 2 * Math.PI);
  let pace = random.between(0.5, 0.9);
  const steps = [];
  for (let time = 0; time <= until; time += 100) {
    steps.push({ time, x, y });
    heading += random.normal() * 0.12;
    if (random.chance(0.02)) heading += random.between(-1.5, 1.5);
    if (random.chance(0.02)) pace = random.chance(0.25) ? 0 : random.between(0.5, 0.9);
    // A floor seen at a slant: steps away from the camera are short.
    const stride = pace * height * perspective(y) * 0.1;
    x += Math.cos(heading) * stride;
    y += Math.sin(heading) * stride * 0.5;
    if (x < 60 || x > WIDTH - 60)
      heading = Math.atan2(Math.sin(heading), Math.sign(WIDTH / 2 - x) * Math.abs(Math.cos(heading)));
    if (y < 250 || y > HEIGHT - 10)
      heading = Math.atan2(Math.sign(480 - y) * Math.abs(Math.sin(heading)), Math.cos(heading));
  }
  return { id, height, steps };
}

/** Size of a person by where the feet are, as part of the size at the bottom of the picture. */
function perspective(y: number): number {
  return 0.3 + (0.7 * y) / HEIGHT;
}

function steady(random: Random, fps: number, until: number): number[] {
  const times: number[] = [];
  for (let time = random.between(0, 1000 / fps); time <= until; time += 1000 / fps) times.push(Math.round(time));
  return times;
}

function make(seed: number, plan: (random: Random) => Plan): Scene {
  const random = new Random(seed);
  const { people, times, pillar } = plan(random);
  return { width: WIDTH, height: HEIGHT, frames: times.map((time) => see(people, time, pillar, random)) };
}

interface Present {
  id: number;
  box: Box;
  footY: number;
}

function see(people: Person[], time: number, pillar: Box | undefined, random: Random): SceneFrame {
  const present = people.flatMap((person) => whereIs(person, time) ?? []);
  const frame: SceneFrame = { time, truth: [], ignored: [], detections: [] };
  const found: { box: Box; score: number }[] = [];
  for (const person of present) {
    const inside = clip(person.box);
    if (!inside) continue;
    const nearer = present.filter((other) => other.footY > person.footY).map((other) => body(other.box));
    if (pillar && person.footY < pillar[3]) nearer.push(pillar);
    const sight = visiblePart(inside, nearer);
    const visible = (sight.part * areaOf(inside)) / areaOf(person.box);
    (visible >= FINDABLE ? frame.truth : frame.ignored).push({ id: person.id, box: inside });
    const detection = detect(inside, sight, random);
    if (detection) found.push(detection);
  }
  if (random.chance(0.06)) found.push(falseAlarm(random));
  // A detector keeps the better of two boxes that cover much the same.
  found.sort((a, b) => b.score - a.score);
  for (const candidate of found) {
    if (frame.detections.every((kept) => iou(kept.box, candidate.box) < 0.55)) frame.detections.push(candidate);
  }
  return frame;
}

function whereIs(person: Person, time: number): Present | undefined {
  const next = person.steps.findIndex((step) => step.time >= time);
  if (next < 0 || (next === 0 && person.steps[0]!.time > time)) return undefined;
  const b = person.steps[next]!;
  const a = person.steps[Math.max(0, next - 1)]!;
  const part = b.time === a.time ? 0 : (time - a.time) / (b.time - a.time);
  const x = a.x + (b.x - a.x) * part;
  const y = a.y + (b.y - a.y) * part;
  const height = person.height * perspective(y);
  // Arms and legs swing about twice a second.
  const swing = 1 + 0.1 * Math.sin((time / 1000) * 2 * Math.PI * 1.9 + person.id);
  const half = (height * ASPECT * swing) / 2;
  return { id: person.id, box: [x - half, y - height, x + half, y], footY: y };
}

/** A body fills the middle of its box. */
function body(box: Box): Box {
  const inset = (box[2] - box[0]) * 0.1;
  return [box[0] + inset, box[1], box[2] - inset, box[3]];
}

interface Sight {
  /** Visible part of the box, 0..1. */
  part: number;
  /** Smallest box around what is visible. */
  box: Box;
}

function visiblePart(box: Box, nearer: Box[]): Sight {
  const columns = 10;
  const rows = 16;
  const width = (box[2] - box[0]) / columns;
  const height = (box[3] - box[1]) / rows;
  const extent: Box = [Infinity, Infinity, -Infinity, -Infinity];
  let count = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const x = box[0] + width * column;
      const y = box[1] + height * row;
      const point: Box = [x + width * 0.45, y + height * 0.45, x + width * 0.55, y + height * 0.55];
      if (nearer.some((cover) => overlapArea(cover, point) > 0)) continue;
      count++;
      extent[0] = Math.min(extent[0], x);
      extent[1] = Math.min(extent[1], y);
      extent[2] = Math.max(extent[2], x + width);
      extent[3] = Math.max(extent[3], y + height);
    }
  }
  return { part: count / (rows * columns), box: extent };
}

/** Box jitter of some 4 %, 7 % misses, low scores and shrunken boxes for people half hidden. */
function detect(box: Box, sight: Sight, random: Random): { box: Box; score: number } | undefined {
  if (sight.part < 0.2 || random.chance(0.07)) return undefined;
  if (sight.part < 0.5 && random.chance(0.25)) return undefined;
  const score = Math.min(0.97, Math.max(0.05, 0.9 * sight.part ** 0.8 + random.normal() * 0.06));
  const shrink = sight.part < 0.85 ? random.between(0.2, 1) : 0;
  const width = (box[2] - box[0]) * 0.04;
  const height = (box[3] - box[1]) * 0.03;
  const sides = box.map(
    (side, i) => side + (sight.box[i]! - side) * shrink + random.normal() * (i % 2 ? height : width),
  );
  return { box: [sides[0]!, sides[1]!, sides[2]!, sides[3]!], score };
}

function falseAlarm(random: Random): { box: Box; score: number } {
  const height = random.between(60, 300);
  const x = random.between(50, WIDTH - 50);
  const y = random.between(height, HEIGHT);
  const half = height * random.between(0.15, 0.4);
  return { box: [x - half, y - height, x + half, y], score: random.between(0.2, 0.7) };
}

/** The part of a box inside the picture; undefined where less than a tenth of it is. */
function clip(box: Box): Box | undefined {
  const inside: Box = [Math.max(0, box[0]), Math.max(0, box[1]), Math.min(WIDTH, box[2]), Math.min(HEIGHT, box[3])];
  return overlapArea(box, [0, 0, WIDTH, HEIGHT]) > areaOf(box) * 0.1 ? inside : undefined;
}

function areaOf(box: Box): number {
  return (box[2] - box[0]) * (box[3] - box[1]);
}

/** Random numbers that are the same for the same seed on every machine (an additive counter, hashed). */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed, 0x9e3779b1) >>> 0;
  }

  /** 0..1, 1 excluded */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<V>(values: readonly V[]): V {
    return values[Math.floor(this.next() * values.length)]!;
  }

  /** Normally distributed, mean 0, deviation 1. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
}
