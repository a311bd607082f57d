import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type I420Frame, i420Layout } from '../../../drivers/video/frame.ts';
import type { Box } from '../keys.ts';
import { type Look, looksIn, strangeness } from './look.ts';

const WIDTH = 640;
const HEIGHT = 360;
const FACE: Box = [300, 100, 340, 150];

type Colour = [y: number, u: number, v: number];
const WALL: Colour = [150, 124, 130];
const SKIN: Colour = [160, 112, 150];
const HAIR: Colour = [50, 126, 130];
const RED: Colour = [90, 110, 200];
const BLUE: Colour = [80, 180, 110];

interface Person {
  x: number;
  shirt: Colour;
  hair?: Colour;
}

/** A wall and people before it: a head of 40 x 50 with hair above, and a shirt below. */
function frame(people: Person[], gain = 1): I420Frame {
  const layout = i420Layout(WIDTH, HEIGHT);
  const data = new Uint8Array(layout.size);
  const fill = ([y, u, v]: Colour, [x1, y1, x2, y2]: Box): void => {
    for (let row = y1; row < y2; row += 1) {
      for (let x = x1; x < x2; x += 1) {
        data[row * layout.yStride + x] = y * gain;
        const chroma = (row >> 1) * layout.chromaStride + (x >> 1);
        data[layout.uOffset + chroma] = 128 + (u - 128) * gain;
        data[layout.vOffset + chroma] = 128 + (v - 128) * gain;
      }
    }
  };
  fill(WALL, [0, 0, WIDTH, HEIGHT]);
  for (const { x, shirt, hair = HAIR } of people) {
    fill(shirt, [x - 30, 150, x + 70, 320]);
    fill(SKIN, [x, 100, x + 40, 150]);
    fill(hair, [x, 90, x + 40, 112]);
  }
  return { width: WIDTH, height: HEIGHT, data, layout, colorimetry: { matrix: 'bt709', range: 'limited' } };
}

const lookOf = (seen: I420Frame, face: Box) => looksIn(seen, 'face')(face);
const unlike = (a: Look, b: Look) => strangeness(a, b, 'face') === Number.POSITIVE_INFINITY;
const red = lookOf(frame([{ x: 300, shirt: RED }]), FACE);
/** So far from the face as it is, by a detector that errs. */
const near = (x: number): Box => [x + 4, 97, x + 46, 149];

test('somebody looks alike a step on, found a little off, and in another light', () => {
  assert.equal(unlike(red, lookOf(frame([{ x: 330, shirt: RED }]), near(330))), false);
  for (const gain of [0.5, 1.4]) {
    assert.equal(unlike(red, lookOf(frame([{ x: 320, shirt: RED }], gain), near(320))), false, `light ${gain}`);
  }
});

test('somebody else at the same place looks different, by clothes or by hair and clothes', () => {
  assert.equal(unlike(red, lookOf(frame([{ x: 300, shirt: BLUE }]), FACE)), true);
  assert.equal(unlike(red, lookOf(frame([{ x: 300, shirt: WALL, hair: [200, 118, 136] }]), FACE)), true);
});

test('who passes before the clothes changes nobody', () => {
  const passing: Person[] = [
    { x: 300, shirt: RED },
    { x: 345, shirt: BLUE },
  ];
  assert.equal(unlike(red, lookOf(frame(passing), FACE)), false);
});

test('at the edge of the picture only what is in it counts, and of too little nothing is said', () => {
  const cut: Box = [-10, 100, 30, 150];
  assert.equal(unlike(lookOf(frame([{ x: -10, shirt: RED }]), cut), red), false);
  assert.equal(unlike(lookOf(frame([{ x: -10, shirt: BLUE }]), cut), red), true);
  const low: Box = [300, 345, 340, 395];
  assert.equal(unlike(lookOf(frame([{ x: 300, shirt: BLUE }]), low), red), false);
});

test('of bodies a difference in clothes speaks against one person, a step aside and half of somebody before them do not', () => {
  const body = (people: Person[], x: number, gain?: number) =>
    looksIn(frame(people, gain), 'body')([x - 30, 90, x + 70, 320]);
  const one = body([{ x: 300, shirt: RED }], 300);
  assert.equal(strangeness(one, body([{ x: 330, shirt: RED }], 326), 'body'), 0);
  assert.equal(strangeness(one, body([{ x: 300, shirt: RED }], 300, 0.6), 'body'), 0, 'in the dark');
  assert.equal(strangeness(one, body([{ x: 300, shirt: BLUE }], 300), 'body'), 3);
  const beside = [
    { x: 300, shirt: RED },
    { x: 400, shirt: BLUE },
  ];
  assert.equal(strangeness(one, body(beside, 310), 'body'), 0);
});
