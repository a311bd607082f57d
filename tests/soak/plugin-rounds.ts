import assert from 'node:assert/strict';
import type { PluginReport } from '../../core/plugin/services.ts';
import type { TestBox } from '../kit/box.ts';
import { until } from '../kit/wait.ts';
import { Traffic } from './plugin-traffic.ts';

/** One plugin after another is switched off and on, configured and made to fail, while the others carry traffic. */

interface Round {
  what: string;
  /** Plugins that may be away meanwhile. */
  touched: string[];
  /** @returns how often it switched a plugin. */
  act(box: TestBox): Promise<number>;
}

export interface RoundsReport {
  rounds: number;
  /** Answers of plugins that nobody touched, and how long the slowest of them took, ms. */
  answers: number;
  slowest: number;
  pushes: number;
  /** Switches that stand in the operation log. */
  switches: number;
  /** Resident memory after the first time through all rounds, and at the end, MiB. */
  memory: { warm: number; end: number };
  handles: { warm: number; end: number };
  faults: string[];
}

const SWITCHABLE = [
  'attributes',
  'cameras',
  'captures',
  'demo-site',
  'detection',
  'liveness',
  'plates',
  'portraits',
  'push-ws',
  'feeder',
  'faulty',
];
const SETTINGS: Record<string, (turn: number) => object> = {
  cameras: (turn) => ({ computeUnits: 16 + (turn % 2) }),
  captures: (turn) => ({ keepDays: 30 + (turn % 2), timingSeconds: 3 }),
  device: (turn) => ({ deviceId: `box-${turn % 2}` }),
  'operation-log': (turn) => ({ days: 365, maxEntries: 200_000 + (turn % 2) }),
};
const FAULTS = ['timer', 'interval', 'rejection', 'emitter', 'socket', 'callback'];

/** Away for a while with a plugin: who pushes its captures misses them. */
const CAPTURE_FLOW = ['captures', 'push-ws', 'feeder'];

const reportOf = async (box: TestBox, id: string): Promise<PluginReport> => {
  const { plugins } = (await box.rest<{ plugins: PluginReport[] }>('GET', '/p/system/overview')).body;
  const found = plugins.find((one) => one.id === id);
  assert.ok(found, id);
  return found;
};

async function setEnabled(box: TestBox, id: string, enabled: boolean): Promise<void> {
  const { status, body } = await box.rest('PUT', `/p/system/plugins/${id}/enabled`, { enabled });
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal((await reportOf(box, id)).state, enabled ? 'RUNNING' : 'DISABLED', id);
}

/** With those that need it, which cannot run without. */
async function offAndOn(box: TestBox, id: string): Promise<number> {
  const { neededBy } = await reportOf(box, id);
  for (const needer of neededBy) await setEnabled(box, needer, false);
  await setEnabled(box, id, false);
  await setEnabled(box, id, true);
  for (const needer of neededBy) await setEnabled(box, needer, true);
  return 2 + 2 * neededBy.length;
}

function roundsOf(): Round[] {
  let turn = 0;
  return [
    ...SWITCHABLE.map((id) => ({ what: `${id} off and on`, touched: [id], act: (box: TestBox) => offAndOn(box, id) })),
    ...Object.entries(SETTINGS).map(([id, values]) => ({
      what: `settings of ${id}`,
      touched: [id],
      act: async (box: TestBox) => {
        turn += 1;
        const { status, body } = await box.rest('PUT', `/p/system/plugins/${id}/config`, values(turn));
        assert.equal(status, 200, JSON.stringify(body));
        return 0;
      },
    })),
    ...FAULTS.map((fault) => ({
      what: `faulty: ${fault}`,
      touched: ['faulty'],
      act: async (box: TestBox) => {
        const { restarts } = await reportOf(box, 'faulty');
        assert.equal((await box.rest('POST', `/p/faulty/faults/${fault}`)).status, 200);
        await until(`faulty to be back after ${fault}`, async () => {
          const now = await reportOf(box, 'faulty');
          return now.restarts > restarts && now.state === 'RUNNING';
        });
        // Its tries come back with the switch, not only after ten steady minutes.
        return offAndOn(box, 'faulty');
      },
    })),
  ];
}

/** Numbers of `/metrics` by name and labels. */
async function metricsOf(box: TestBox): Promise<Map<string, number>> {
  const text = await (await fetch(`${box.url}/metrics`)).text();
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))] as const),
  );
}

/** Figures there are, those with nothing to tell yet included. */
async function namesOf(box: TestBox): Promise<string[]> {
  const text = await (await fetch(`${box.url}/metrics`)).text();
  return text.split('\n').filter((line) => line.startsWith('# TYPE gatehouse_'));
}

/** What must be the same before and after: which figures there are, and how many listeners each plugin has. */
async function traces(box: TestBox): Promise<string[]> {
  const metrics = await metricsOf(box);
  const listeners = [...metrics].filter(([key]) => key.includes('plugin_listeners'));
  const { paths } = (await box.rest<{ paths: object }>('GET', '/openapi.json')).body;
  const boot = (await box.rest<{ pages: { id: string }[] }>('GET', '/ui/boot.json')).body;
  return [
    ...(await namesOf(box)),
    ...listeners.map(String),
    ...Object.keys(paths),
    ...boot.pages.map(({ id }) => id),
  ].sort();
}

const MIB = 1024 ** 2;

async function size(box: TestBox): Promise<{ memory: number; handles: number }> {
  const metrics = await metricsOf(box);
  return {
    memory: (metrics.get('gatehouse_process_resident_memory_bytes') ?? 0) / MIB,
    handles: metrics.get('gatehouse_nodejs_active_resources_total') ?? 0,
  };
}

/**
 * @param box started with `tests/soak/plugins-main.ts`, signed in
 * @param rounds every plugin and fault has had its turn after `ROUNDS`
 */
export async function runPluginRounds(box: TestBox, rounds: number): Promise<RoundsReport> {
  const traffic = await Traffic.start(box);
  const all = roundsOf();
  const faults: string[] = [];
  let pushes = 0;
  let switches = 0;
  let warm = await size(box);
  try {
    const before = await traces(box);
    for (let i = 0; i < rounds; i += 1) {
      const { what, touched, act } = all[i % all.length]!;
      await traffic.feed(20);
      traffic.mayFail(touched);
      switches += await act(box);
      traffic.mayFail([]);
      // Long enough for every loop to ask.
      if (!touched.includes('feeder')) await traffic.fed(10);
      if (touched.some((id) => CAPTURE_FLOW.includes(id))) await traffic.subscribeAgain();
      else {
        const { made, pushed } = await traffic.settled();
        pushes += pushed;
        if (pushed !== made) faults.push(`${what}: ${made} captures were made, ${pushed} pushed`);
      }
      if (i === Math.min(all.length, rounds) - 1) warm = await size(box);
    }
    await traffic.settled();
    const after = await traces(box);
    const gone = before.filter((one) => !after.includes(one));
    const stayed = after.filter((one) => !before.includes(one));
    if (gone.length > 0) faults.push(`gone: ${gone.join(', ')}`);
    if (stayed.length > 0) faults.push(`stayed behind: ${stayed.join(', ')}`);
    const logged = await loggedSwitches(box);
    if (logged !== switches) faults.push(`${switches} switches, ${logged} of them in the operation log`);
  } finally {
    await traffic.stop();
  }
  const end = await size(box);
  return {
    rounds,
    answers: traffic.answers,
    slowest: Math.round(traffic.slowest),
    pushes,
    switches,
    memory: { warm: Math.round(warm.memory), end: Math.round(end.memory) },
    handles: { warm: warm.handles, end: end.handles },
    faults: [...faults, ...traffic.wrong],
  };
}

/** One time through every round. */
export const ROUNDS = roundsOf().length;

async function loggedSwitches(box: TestBox): Promise<number> {
  let found = 0;
  for (let before: number | undefined; ; ) {
    const query = `limit=200&module=system${before === undefined ? '' : `&before=${before}`}`;
    const { body } = await box.rest<{ entries: { id: number; item: string }[] }>(
      'GET',
      `/p/operation-log/entries?${query}`,
    );
    found += body.entries.filter(({ item }) => item === 'PUT /plugins/:id/enabled').length;
    const last = body.entries.at(-1);
    if (!last || body.entries.length < 200) return found;
    before = last.id;
  }
}
