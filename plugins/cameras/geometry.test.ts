import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { z } from 'zod';
import { checkRegion, polygon, region, segment } from './geometry.ts';

function table(schema: z.ZodType, good: [unknown, unknown][], bad: unknown[]): void {
  for (const [value, plain] of good) assert.deepEqual(schema.parse(value), plain, JSON.stringify(value));
  for (const value of bad) assert.ok(!schema.safeParse(value).success, `${JSON.stringify(value)} was taken`);
}

test('polygons', () => {
  table(
    polygon(),
    [
      ['', ''],
      ['0*0,1000*0,1000*500,0*500', '0*0,1000*0,1000*500,0*500'],
      [' 1 * 2 , 3*4,5*7 ', '1*2,3*4,5*7'],
    ],
    [
      '0*0,10*0',
      '0*0,10*10,20*20',
      '0*0,10*0,10*-5',
      '0*0,10*0,10x5',
      '0*0,10*0,10*5,',
      '0*0,10*0,10*99999',
      '0*0,10*0,10*1.5',
      Array.from({ length: 65 }, (_, i) => `${i}*${i * i}`).join(','),
      5,
    ],
  );
});

test('lines', () => {
  table(
    segment(),
    [
      ['', ''],
      ['0*500, 1000*500', '0*500,1000*500'],
    ],
    ['0*500', '1*1,1*1', '0*0,1*1,2*2', '0,500,1000,500'],
  );
});

test('regions', () => {
  table(
    region(),
    [
      ['', null],
      ['10, 20,30,40', [10, 20, 30, 40]],
      [
        [10, 20, 30, 40],
        [10, 20, 30, 40],
      ],
    ],
    ['10,20,30', '30,20,10,40', '10,40,30,20', '10,20,10,40', '-1,20,30,40', '1,2,3,4,5', 'a,b,c,d', '0,0,99999,1', 7],
  );
});

test('a region must lie in the picture, or be no larger than one while the picture is unknown', () => {
  const stream = { width: 640, height: 480 };
  checkRegion([0, 0, 640, 480], stream);
  assert.throws(() => checkRegion([0, 0, 641, 480], stream), /640 x 480/);
  assert.throws(() => checkRegion([0, 0, 640, 481], stream), /640 x 480/);
  checkRegion([0, 0, 1920, 1080], undefined);
  assert.throws(() => checkRegion([0, 0, 1921, 1080], undefined), /2073600/);
});
