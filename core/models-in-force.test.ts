import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import type { InstalledModel } from '../models/install.ts';
import { planImages } from './images/plan.ts';
import { ModelsInForce } from './models-in-force.ts';
import { temporaryStore, until } from './store/fixture.ts';
import type { Settings } from './store/settings.ts';
import { model, sceneCamera } from './vision/plan.fixture.ts';
import { modelFor } from './vision/planner.ts';

/** Which model faces are compared by, while models come and go. */

const faces = (id: string, more: Partial<InstalledModel> = {}) =>
  model(id, 'face-embedding', { adapter: 'arcface', recommended: false, embedding: {} as never, ...more });
const demo = { madeFor: 'demo' } as const;

const [FORMER, BETTER, BEST] = [faces('former'), faces('better'), faces('best', { recommended: true })];
const silent = pino({ level: 'silent' });

/** Models that a test brings and takes away. */
class Hand {
  models: InstalledModel[] = [];
  readonly faults = [];
  #listener = () => {};

  onChange(listener: () => void): () => void {
    this.#listener = listener;
    return () => {};
  }

  async start(): Promise<void> {}
  stop(): void {}

  give(...models: InstalledModel[]): void {
    this.models = models;
    this.#listener();
  }
}

async function started(settings: Pick<Settings, 'get' | 'set'>, ...models: InstalledModel[]) {
  const hand = new Hand();
  hand.models = models;
  const inForce = new ModelsInForce(hand, settings, silent);
  await inForce.start();
  const told: string[] = [];
  /** What is compared by, then what is coming. */
  const state = () => {
    const { embedders, coming } = planImages(inForce.models);
    const ids = (some: InstalledModel[]) => some.map(({ id }) => id).join();
    assert.equal(modelFor('face-embedding', inForce.models)?.id, embedders[0]?.id, 'cameras have the same');
    return `${ids(embedders)} > ${ids(coming)}`;
  };
  inForce.onChange(() => told.push(state()));
  return { hand, inForce, state, told };
}

test('the former model stays in force until the better one has described everything', async (t) => {
  const { store } = await temporaryStore(t);
  const { hand, inForce, state, told } = await started(store.settings, FORMER);
  assert.equal(state(), 'former > ');
  const before = inForce.models[0];
  hand.give(FORMER, BETTER);
  assert.equal(state(), 'former > better');
  // Whoever runs it need not begin anew.
  assert.deepEqual(inForce.models[0], before);
  await inForce.takeOver(['another']);
  assert.equal(state(), 'former > better');
  await inForce.takeOver(['better']);
  assert.equal(state(), 'better > ');
  await inForce.takeOver(['better']);
  assert.deepEqual(told, ['former > better', 'better > ']);
  assert.equal((await started(store.settings, FORMER, BETTER)).state(), 'better > ', 'also after the next start');
});

test('a change goes on after the next start', async (t) => {
  const { store } = await temporaryStore(t);
  const first = await started(store.settings, FORMER);
  first.hand.give(FORMER, BETTER);
  const next = await started(store.settings, FORMER, BETTER);
  assert.equal(next.state(), 'former > better');
  await next.inForce.takeOver(['better']);
  assert.equal(next.state(), 'better > ');
});

test('what comes while the box is off waits likewise', async (t) => {
  const { store } = await temporaryStore(t);
  await started(store.settings, FORMER);
  assert.equal((await started(store.settings, FORMER, BEST)).state(), 'former > best');
});

test('of several the best is coming, and one that was overtaken does not take over', async (t) => {
  const { store } = await temporaryStore(t);
  const { hand, inForce, state } = await started(store.settings, FORMER);
  hand.give(FORMER, BETTER);
  hand.give(FORMER, BETTER, BEST);
  assert.equal(state(), 'former > best');
  await inForce.takeOver(['better']);
  assert.equal(state(), 'former > best');
  hand.give(FORMER, BETTER);
  assert.equal(state(), 'former > better', 'it is gone again');
  hand.give(FORMER);
  assert.equal(state(), 'former > ');
});

test('a model that is gone is relieved at once; without any the last one is remembered', async (t) => {
  const { store } = await temporaryStore(t);
  const { hand, state } = await started(store.settings, FORMER);
  hand.give();
  assert.equal(state(), ' > ');
  hand.give(FORMER, BETTER);
  assert.equal(state(), 'former > better');
  hand.give(BETTER);
  assert.equal(state(), 'better > ');
  hand.give(BETTER, FORMER);
  assert.equal(state(), 'better > ');
  await until('it is written down', () => JSON.stringify(store.settings.rows('models.')).includes('better'));
});

test("the demo's model and that of real faces are changed apart, and none stays where it only made do", async (t) => {
  const { store } = await temporaryStore(t);
  const [drawn, drawnBetter] = [faces('drawn', demo), faces('a-drawn', demo)];
  const { hand, inForce, state } = await started(store.settings, drawn);
  assert.equal(state(), 'drawn > ');
  hand.give(drawn, FORMER);
  assert.equal(state(), 'former,drawn > ', 'the drawn one only made do for real faces');
  hand.give(drawn, FORMER, drawnBetter, BEST);
  assert.equal(state(), 'former,drawn > best,a-drawn');
  assert.equal(modelFor('face-embedding', inForce.models, sceneCamera(1).origin)?.id, 'drawn');
  await inForce.takeOver(['a-drawn']);
  assert.equal(state(), 'former,a-drawn > best');
});

test('what could not be written down has not happened', async (t) => {
  const { store } = await temporaryStore(t);
  const { settings } = store;
  let broken = false;
  const set: Settings['set'] = (key, value) =>
    broken ? Promise.reject(new Error('the disk is full')) : settings.set(key, value);
  const { hand, inForce, state } = await started({ get: settings.get.bind(settings), set }, FORMER);
  hand.give(FORMER, BETTER);
  broken = true;
  await assert.rejects(inForce.takeOver(['better']), /the disk is full/);
  assert.equal(state(), 'former > better');
  broken = false;
  await inForce.takeOver(['better']);
  assert.equal(state(), 'better > ');
});
