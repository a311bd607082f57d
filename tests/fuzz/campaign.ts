import { readFileSync } from 'node:fs';
import { ADMIN_PASSWORD, startBox, type TestBox } from '../kit/box.ts';
import { formMessage, jsonMessage, restRoute, VIEWER_ID } from './api-cases.ts';
import { hostileCamera } from './camera-cases.ts';
import { probeCase } from './camera-probe.ts';
import { type Case, described, type Session } from './case.ts';
import { type Catalog, readCatalog } from './catalog.ts';
import { Random } from './random.ts';
import { liveSocket, plainHttp, wireSocket } from './transport-cases.ts';
import { codeOf, judgeHttp, judgeSocket } from './verdict.ts';
import { exchange, socketExchange } from './wire.ts';

export interface CampaignOptions {
  /** Number of the first case and of the one after the last. */
  first: number;
  end: number;
  seed: number;
  /** Hears of progress, in one line. */
  say?: (line: string) => void;
}

export interface Finding {
  index: number;
  title: string;
  /** What is wrong, the case, and what the box had to say of it. */
  text: string;
}

export interface CampaignReport {
  cases: Record<Case['kind'], number>;
  seconds: number;
  findings: Finding[];
  /** How often each code was answered, by messages and routes together: shows how deep the cases went. */
  codes: Map<number, number>;
  memory: { before: number; most: number; after: number };
}

/** Cases under way at once. */
const AT_ONCE = 8;
/** A case that has no answer after this long has none; a box under load is slower, ms. */
const DEADLINE_MS = 20_000;
/** The core must stay below this whatever is sent, bytes: eight of the largest bodies and a usual heap. */
const MAX_MEMORY = 1024 ** 3;
const LOOK_EVERY = 400;
/** More is the same fault over again. */
const MAX_FINDINGS = 60;
const VIEWER = { name: 'viewer', password: 'Only-look-1' };

/**
 * Boots a box and sends it the cases of a seed. A case depends on the seed and its number alone, and on what the box
 * says it understands; its effect may also depend on the cases before it.
 */
export async function campaign(options: CampaignOptions): Promise<CampaignReport> {
  const box = await startBox();
  const run = new Run(box, options);
  try {
    return await run.whole();
  } finally {
    await box.stop();
  }
}

class Run {
  readonly #box: TestBox;
  readonly #options: CampaignOptions;
  readonly #findings: Finding[] = [];
  readonly #cases: Record<Case['kind'], number> = { http: 0, socket: 0, camera: 0 };
  readonly #codes = new Map<number, number>();
  readonly #sessions: Record<Session, string> = { none: '', admin: '', viewer: '' };
  #key = '';
  #said = 0;
  /** What the box has printed since the last look. */
  #log = '';
  #inFlight: number[] = [];

  constructor(box: TestBox, options: CampaignOptions) {
    this.#box = box;
    this.#options = options;
    const keep = (chunk: Buffer) => {
      this.#log += String(chunk);
    };
    box.child.stdout?.on('data', keep);
    box.child.stderr?.on('data', keep);
  }

  async whole(): Promise<CampaignReport> {
    const { first, end, seed, say } = this.#options;
    await this.#prepare();
    const catalog = await readCatalog(this.#box.url, this.#sessions.admin);
    const before = this.#memory();
    let most = before;
    const rejected = (error: unknown) => this.#tell('nobody handled a rejection of the probe', String(error));
    process.on('unhandledRejection', rejected);
    const began = performance.now();
    try {
      for (let at = first; at < end && this.#findings.length < MAX_FINDINGS; at += AT_ONCE) {
        this.#inFlight = Array.from({ length: Math.min(AT_ONCE, end - at) }, (_, n) => at + n);
        await Promise.all(this.#inFlight.map((index) => this.#one(catalog, seed, index)));
        this.#readLog();
        if (!this.#alive()) {
          this.#tell('the box has ended', this.#box.output.slice(-2000));
          break;
        }
        const memory = this.#memory();
        if (memory > MAX_MEMORY && most <= MAX_MEMORY) this.#tell('the core uses too much memory', `${memory} bytes`);
        most = Math.max(most, memory);
        await this.#keepSessions();
        if ((at - first) % LOOK_EVERY === 0) await this.#look();
        this.#sayFindings();
        if ((at - first) % 2000 === 0)
          say?.(`${at - first} of ${end - first} cases, ${this.#findings.length} findings`);
      }
      if (this.#alive()) await this.#look();
      this.#sayFindings();
    } finally {
      process.off('unhandledRejection', rejected);
    }
    const seconds = (performance.now() - began) / 1000;
    const memory = { before, most, after: this.#memory() };
    return { cases: this.#cases, seconds, findings: this.#findings, codes: this.#codes, memory };
  }

  async #prepare(): Promise<void> {
    const box = this.#box;
    this.#sessions.admin = await box.login();
    const made = await box.rest<{ id: number }>('POST', '/p/users/users', { ...VIEWER, role: 'viewer' });
    if (made.body.id !== VIEWER_ID) throw new Error(`the viewer got the id ${made.body.id}`);
    this.#sessions.viewer = await box.login(VIEWER.name, VIEWER.password);
    box.sessionId = this.#sessions.admin;
    this.#key = (await box.call<{ key: string }>(1286)).data.key;
  }

  #make(catalog: Catalog, random: Random): Case {
    switch (random.weighted({ json: 32, form: 13, rest: 24, http: 11, ws: 7, live: 6, camera: 7 })) {
      case 'json':
        return jsonMessage(catalog, random);
      case 'form':
        return formMessage(catalog, random);
      case 'rest':
        return restRoute(catalog, random);
      case 'http':
        return plainHttp(random);
      case 'ws':
        return wireSocket(random, this.#key);
      case 'live':
        return liveSocket(random);
      default:
        return hostileCamera(random);
    }
  }

  async #one(catalog: Catalog, seed: number, index: number): Promise<void> {
    const one = this.#make(catalog, new Random(seed, index));
    this.#cases[one.kind] += 1;
    const fault = await this.#fault(one, index).catch((error: Error) => `the fuzzer itself failed: ${error.stack}`);
    if (fault) this.#found(index, one, fault);
  }

  async #fault(one: Case, index: number): Promise<string | undefined> {
    if (one.kind === 'camera') return probeCase(one);
    const connection = {
      port: this.#box.ports.http,
      from: `127.${1 + ((index >> 16) % 250)}.${(index >> 8) % 256}.${1 + (index % 250)}`,
      deadlineMs: DEADLINE_MS,
    };
    const sessionId = this.#sessions[one.session];
    if (one.kind === 'socket') return judgeSocket(one, await socketExchange(one, connection, sessionId));
    const outcome = await exchange(one, connection, sessionId);
    const code = codeOf(one, outcome);
    if (code !== undefined) this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
    return judgeHttp(one, outcome);
  }

  #found(index: number, one: Case, fault: string): void {
    const log = this.#log.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line));
    const told = log.length > 0 ? `\n    log: ${log.map((line) => line.slice(0, 1500)).join('\n    log: ')}` : '';
    const replay = `--seed ${this.#options.seed} --only ${index}`;
    this.#findings.push({ index, title: one.title, text: `${fault}\n    ${replay}\n    ${described(one)}${told}` });
  }

  /** A fault of the box as a whole, which any of the cases under way may have caused. */
  #tell(title: string, detail: string): void {
    const [from = 0] = this.#inFlight;
    const to = this.#inFlight.at(-1) ?? from;
    const text = `${title}\n    --seed ${this.#options.seed} --only ${from}-${to}\n    ${detail}`;
    this.#findings.push({ index: from, title, text });
  }

  /** Looks for what a handler's failure does not explain: a line of level error, or a warning of Node itself. */
  #readLog(): void {
    // The last line may not be whole yet.
    const lines = this.#log.split('\n');
    this.#log = lines.pop() ?? '';
    const explained = this.#findings.some(({ index }) => this.#inFlight.includes(index));
    for (const line of lines) {
      const bad = /"level":"(error|fatal)"|Warning: |^\s+at .+:\d+:\d+\)?$|nobody (handled|caught)/.test(line);
      if (bad && !explained) this.#tell('the log tells of a fault', line.slice(0, 2000));
    }
  }

  #sayFindings(): void {
    for (const { title, text } of this.#findings.slice(this.#said)) this.#options.say?.(`\n- ${title}: ${text}\n`);
    this.#said = this.#findings.length;
  }

  #alive(): boolean {
    const { child } = this.#box;
    return child.exitCode === null && child.signalCode === null;
  }

  /** Resident memory of the core process, bytes. */
  #memory(): number {
    if (!this.#alive()) return 0;
    const status = readFileSync(`/proc/${this.#box.child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  }

  /** Signs in again where a case has signed out, or changed what it should not. */
  async #keepSessions(): Promise<void> {
    const accounts = { admin: { name: 'admin', password: ADMIN_PASSWORD }, viewer: VIEWER };
    for (const who of ['admin', 'viewer'] as const) {
      if ((await this.#box.call(1301, {}, this.#sessions[who])).code !== -141) continue;
      const { name, password } = accounts[who];
      this.#sessions[who] = await this.#box.login(name, password);
    }
  }

  /** The whole box: every plugin runs, the vision worker was never restarted, nobody's rights have grown. */
  async #look(): Promise<void> {
    const { box, sessions } = { box: this.#box, sessions: this.#sessions };
    const { body } = await box.rest<{ plugins: { id: string; state: string }[] }>(
      'GET',
      '/healthz',
      undefined,
      sessions.admin,
    );
    for (const { id, state } of body.plugins ?? []) {
      if (state !== 'RUNNING' && state !== 'DEGRADED') this.#tell(`plugin ${id} is ${state}`, '');
    }
    const metrics = await box.rest<string>('GET', '/metrics', undefined, '');
    const restarts = Number(/^gatehouse_core_vision_restarts (\d+)$/m.exec(metrics.body)?.[1] ?? Number.NaN);
    if (restarts !== 0) this.#tell(`the vision worker was restarted ${restarts} times`, '');
    const me = await box.rest<{ role: string }>('GET', '/p/users/me', undefined, sessions.viewer);
    if (me.body.role !== 'viewer') this.#tell(`the viewer has become ${me.body.role}`, '');
    const probe = ({} as Record<string, unknown>)['role'];
    if (probe !== undefined) this.#tell('a prototype was changed', String(probe));
  }
}
