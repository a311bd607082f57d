import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FAILED_STARTS, Starts } from './starts.ts';

const GOOD = { config: { host: '0.0.0.0' }, plugins: ['users'], settings: [] };

interface Life {
  version?: string;
  environment?: Record<string, string>;
  bootId?: string;
}

/** Starts that follow one another in one data folder. */
function lives(t: TestContext) {
  const dataFolder = mkdtempSync(join(tmpdir(), 'gatehouse-starts-'));
  t.after(() => rmSync(dataFolder, { recursive: true, force: true }));
  let now = 1_000;
  const begin = ({ version = '1.0.0', environment = {}, bootId = 'boot' }: Life = {}) => {
    now += 1_000;
    const starts = new Starts({ dataFolder, version, environment, now: () => now, bootId });
    starts.begin();
    return starts;
  };
  const fail = (times: number, life?: Life) => {
    for (let i = 0; i < times; i += 1) begin(life).failedWith(`fault ${i}`);
  };
  return { dataFolder, begin, fail };
}

test('after three failed starts the last good configuration counts, after six only essentials', (t) => {
  const { begin, fail } = lives(t);
  begin().steady(GOOD);
  fail(FAILED_STARTS.lastGood - 1);
  const third = begin();
  assert.equal(third.mode, 'normal');
  third.failedWith('the third');
  const fourth = begin();
  assert.equal(fourth.mode, 'last-good');
  assert.deepEqual(
    fourth.failed.map(({ reason }) => reason),
    ['fault 0', 'fault 1', 'the third'],
  );
  assert.deepEqual(fourth.lastGood()?.plugins, ['users']);
  fourth.failedWith('again');
  fail(2);
  assert.equal(begin().mode, 'essentials');
});

test('safe mode stays over a steady run until somebody leaves it', (t) => {
  const { begin, fail } = lives(t);
  fail(3);
  const safe = begin();
  safe.steady({ ...GOOD, plugins: ['other'] });
  assert.equal(safe.lastGood(), undefined, 'what runs in safe mode is not a good configuration');
  const next = begin();
  assert.equal(next.mode, 'last-good');
  next.forget();
  assert.equal(begin().mode, 'normal');
});

test('an end without a word counts, but not one together with the whole machine', (t) => {
  const { begin } = lives(t);
  for (let i = 0; i < 3; i += 1) begin({ bootId: 'one' });
  assert.equal(begin({ bootId: 'one' }).mode, 'last-good');

  const power = lives(t);
  for (let i = 0; i < 9; i += 1) power.begin({ bootId: `boot ${i}` });
  assert.equal(power.begin({ bootId: 'last' }).mode, 'normal');
});

test('a fault after a steady run is no failed start', (t) => {
  const { begin } = lives(t);
  for (let i = 0; i < 5; i += 1) {
    const starts = begin();
    starts.steady(GOOD);
    starts.failedWith('much later');
  }
  assert.equal(begin().mode, 'normal');
});

test('what another configuration would not help is not counted', (t) => {
  const { begin } = lives(t);
  for (let i = 0; i < 5; i += 1) begin().notCounted();
  assert.equal(begin().mode, 'normal');
});

test('failed starts no longer count once somebody has acted', (t) => {
  const { dataFolder, begin, fail } = lives(t);
  fail(6);
  assert.equal(begin({ environment: { GATEHOUSE_HTTP_PORT: '81' } }).mode, 'normal');
  fail(6);
  assert.equal(begin({ version: '1.0.1' }).mode, 'normal');
  fail(6);
  writeFileSync(join(dataFolder, 'gatehouse.json'), '{}');
  assert.equal(begin().mode, 'normal');
  fail(6);
  assert.equal(begin({ environment: { PATH: '/somewhere' } }).mode, 'essentials', 'other variables are not ours');
});

test('GATEHOUSE_SAFE_MODE: off never counts, essentials starts so, anything else is an error', (t) => {
  const { begin, fail } = lives(t);
  const off = { environment: { GATEHOUSE_SAFE_MODE: 'off' } };
  fail(7, off);
  assert.equal(begin(off).mode, 'normal');
  assert.equal(begin({ environment: { GATEHOUSE_SAFE_MODE: 'essentials' } }).mode, 'essentials');
  assert.throws(() => begin({ environment: { GATEHOUSE_SAFE_MODE: 'maybe' } }), /may be auto, off, essentials/);
});

test('a damaged record counts as none, and files are for the box alone', (t) => {
  const { dataFolder, begin, fail } = lives(t);
  fail(3);
  assert.equal(statSync(join(dataFolder, 'starts.json')).mode & 0o777, 0o600);
  writeFileSync(join(dataFolder, 'starts.json'), '{"failed": 7');
  const starts = begin();
  assert.equal(starts.mode, 'normal');
  starts.steady(GOOD);
  assert.equal(statSync(join(dataFolder, 'last-good.json')).mode & 0o777, 0o600);
  assert.match(readFileSync(join(dataFolder, 'last-good.json'), 'utf8'), /"plugins":\["users"\]/);
});
