import { formMessage, jsonMessage, restRoute } from './api-cases.ts';
import { hostileCamera } from './camera-cases.ts';
import { cameraFault } from './camera-fault.ts';
import { type Case, described } from './case.ts';
import { type Catalog, readCatalog } from './catalog.ts';
import { storedFile } from './media-cases.ts';
import { Random } from './random.ts';
import { rawHttp } from './raw-cases.ts';
import { Subject } from './subject.ts';
import { liveSocket, plainHttp, wireSocket } from './transport-cases.ts';
import { codeOf, judgeHttp, judgeRaw, judgeSocket } from './verdict.ts';
import { exchange, rawExchange, socketExchange } from './wire.ts';

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

/** What a case is made of, and how often it comes among a hundred. */
const SHARES = { json: 29, form: 12, rest: 21, http: 8, raw: 8, media: 6, ws: 5, live: 5, probe: 4, relay: 2 };
export type Kind = keyof typeof SHARES;

export interface KindReport {
  cases: number;
  findings: number;
  /** Cases the box answered with success; for cameras, those that were taken for one. */
  succeeded: number;
}

export interface CampaignReport {
  kinds: Record<Kind, KindReport>;
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
const SAY_EVERY = 5_000;
/** More is the same fault over again. */
const MAX_FINDINGS = 60;
/**
 * Boots a box and sends it the cases of a seed. A case depends on the seed and its number alone, and on what the box
 * says it understands; its effect may also depend on the cases before it.
 */
export async function campaign(options: CampaignOptions): Promise<CampaignReport> {
  const subject = await Subject.start();
  try {
    return await new Run(subject, options).whole();
  } finally {
    await subject.stop();
  }
}

class Run {
  readonly #subject: Subject;
  readonly #options: CampaignOptions;
  readonly #findings: Finding[] = [];
  readonly #kinds = Object.fromEntries(
    Object.keys(SHARES).map((kind) => [kind, { cases: 0, findings: 0, succeeded: 0 }]),
  ) as Record<Kind, KindReport>;
  readonly #codes = new Map<number, number>();
  #said = 0;
  #inFlight: number[] = [];

  constructor(subject: Subject, options: CampaignOptions) {
    this.#subject = subject;
    this.#options = options;
  }

  async whole(): Promise<CampaignReport> {
    const { first, end } = this.#options;
    const subject = this.#subject;
    const catalog = await readCatalog(subject.url, subject.sessions.admin);
    const memory = { before: subject.memory, most: 0, after: 0 };
    // Probe and relay run in this process.
    const stray = (error: unknown) => this.#tell('probe or relay threw into the air', String(error));
    process.on('unhandledRejection', stray);
    process.on('uncaughtException', stray);
    const began = performance.now();
    try {
      for (let at = first; at < end && this.#findings.length < MAX_FINDINGS; at += AT_ONCE) {
        this.#inFlight = Array.from({ length: Math.min(AT_ONCE, end - at) }, (_, n) => at + n);
        await Promise.all(this.#inFlight.map((index) => this.#one(catalog, index)));
        this.#readLog();
        if (!subject.alive) {
          this.#tell('the box has ended', subject.lastWords);
          break;
        }
        const now = subject.memory;
        if (now > MAX_MEMORY && memory.most <= MAX_MEMORY) this.#tell('the core uses too much memory', `${now} bytes`);
        memory.most = Math.max(memory.most, now);
        await subject.keepSessions();
        if ((at - first) % LOOK_EVERY === 0) await this.#look();
        this.#sayFindings();
        if (at > first && (at - first) % SAY_EVERY === 0) this.#sayProgress(at - first, began, now);
      }
      if (subject.alive) await this.#look();
      this.#sayFindings();
    } finally {
      process.off('unhandledRejection', stray);
      process.off('uncaughtException', stray);
    }
    const seconds = (performance.now() - began) / 1000;
    memory.after = subject.memory;
    return { kinds: this.#kinds, seconds, findings: this.#findings, codes: this.#codes, memory };
  }

  #make(kind: Kind, catalog: Catalog, random: Random): Case {
    switch (kind) {
      case 'json':
        return jsonMessage(catalog, random);
      case 'form':
        return formMessage(catalog, random);
      case 'rest':
        return restRoute(catalog, random);
      case 'http':
        return plainHttp(random);
      case 'raw':
        return rawHttp(random);
      case 'media':
        return storedFile(this.#subject.files, random);
      case 'ws':
        return wireSocket(random, this.#subject.key);
      case 'live':
        return liveSocket(random);
      case 'probe':
      case 'relay':
        return hostileCamera(random, kind);
    }
  }

  async #one(catalog: Catalog, index: number): Promise<void> {
    const random = new Random(this.#options.seed, index);
    const kind = random.weighted(SHARES);
    const one = this.#make(kind, catalog, random);
    const report = this.#kinds[kind];
    report.cases += 1;
    const succeeded = () => {
      report.succeeded += 1;
    };
    const fault = await this.#fault(one, index, succeeded).catch(
      (error: Error) => `the fuzzer itself failed: ${error.stack}`,
    );
    if (!fault) return;
    report.findings += 1;
    this.#found(index, one, fault);
  }

  async #fault(one: Case, index: number, succeeded: () => void): Promise<string | undefined> {
    if (one.kind === 'camera') return cameraFault(one, succeeded);
    const connection = {
      port: this.#subject.port,
      from: `127.${1 + ((index >> 16) % 250)}.${(index >> 8) % 256}.${1 + (index % 250)}`,
      deadlineMs: DEADLINE_MS,
    };
    if (one.kind === 'raw') {
      const outcome = await rawExchange(one, connection);
      if (outcome.end === 'answer' && outcome.answer.answers.some(({ status }) => status === 200)) succeeded();
      return judgeRaw(one, outcome);
    }
    const sessionId = this.#subject.sessions[one.session];
    if (one.kind === 'socket') {
      const outcome = await socketExchange(one, connection, sessionId);
      if (outcome.end === 'answer' && outcome.answer.status === 101) succeeded();
      return judgeSocket(one, outcome);
    }
    const outcome = await exchange(one, connection, sessionId);
    const code = codeOf(one, outcome);
    if (code !== undefined) this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
    const bare = code === undefined && outcome.end === 'answer' && outcome.answer.status === 200;
    if (code === 0 || bare) succeeded();
    return judgeHttp(one, outcome, this.#subject.files);
  }

  #found(index: number, one: Case, fault: string): void {
    const log = this.#subject.failures;
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
    const explained = this.#findings.some(({ index }) => this.#inFlight.includes(index));
    for (const line of this.#subject.readLog()) {
      if (!explained) this.#tell('the log tells of a fault', line.slice(0, 2000));
    }
  }

  async #look(): Promise<void> {
    await this.#subject.look((fault) => this.#tell(fault, ''));
    const probe = ({} as Record<string, unknown>)['role'];
    if (probe !== undefined) this.#tell('a prototype was changed', String(probe));
  }

  #sayFindings(): void {
    for (const { title, text } of this.#findings.slice(this.#said)) this.#options.say?.(`\n- ${title}: ${text}\n`);
    this.#said = this.#findings.length;
  }

  #sayProgress(done: number, began: number, memory: number): void {
    const { first, end } = this.#options;
    const perMinute = Math.round((done * 60_000) / (performance.now() - began));
    const left = Math.ceil((end - first - done) / perMinute);
    this.#options.say?.(
      `${done} of ${end - first} cases, ${this.#findings.length} findings, ${perMinute} a minute, ` +
        `about ${left} min left, core at ${Math.round(memory / 1024 ** 2)} MiB`,
    );
  }
}
