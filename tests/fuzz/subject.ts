import { readFileSync } from 'node:fs';
import { ADMIN_PASSWORD, startBox, type TestBox } from '../kit/box.ts';
import { StoredFiles } from '../kit/stored.ts';
import { VIEWER_ID } from './api-cases.ts';
import type { Session } from './case.ts';
import type { StoredFile } from './media-cases.ts';

const VIEWER = { name: 'viewer', password: 'Only-look-1' };
/** Captures there are at every look: cases delete them. */
const CAPTURES = 24;

/** The box that is fuzzed, with two accounts, stored files, and eyes on whether it is still whole. */
export class Subject {
  readonly sessions: Record<Session, string> = { none: '', admin: '', viewer: '' };
  readonly files: StoredFile[] = [];
  /** Of the interface WebSocket. */
  key = '';
  readonly #box: TestBox;
  readonly #stored: StoredFiles;
  /** What the box has printed since it was last read. */
  #log = '';

  private constructor(box: TestBox, stored: StoredFiles) {
    this.#box = box;
    this.#stored = stored;
    const keep = (chunk: Buffer) => {
      this.#log += String(chunk);
    };
    box.child.stdout?.on('data', keep);
    box.child.stderr?.on('data', keep);
  }

  static async start(): Promise<Subject> {
    const box = await startBox();
    const subject = new Subject(box, new StoredFiles(box.dataFolder));
    try {
      await subject.#prepare();
    } catch (error) {
      await subject.stop();
      throw error;
    }
    return subject;
  }

  async stop(): Promise<void> {
    this.#stored.close();
    await this.#box.stop();
  }

  get url(): string {
    return this.#box.url;
  }

  get port(): number {
    return this.#box.ports.http;
  }

  get alive(): boolean {
    const { child } = this.#box;
    return child.exitCode === null && child.signalCode === null;
  }

  /** The last it has said. */
  get lastWords(): string {
    return this.#box.output.slice(-2000);
  }

  /** Resident memory of the core process, bytes. */
  get memory(): number {
    if (!this.alive) return 0;
    const status = readFileSync(`/proc/${this.#box.child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  }

  /** Lines of the log that tell of a failure, which are still to be read. */
  get failures(): string[] {
    return this.#log.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line));
  }

  /** Takes the whole lines printed since the last time, and gives those that tell of a fault. */
  readLog(): string[] {
    // The last line may not be whole yet.
    const lines = this.#log.split('\n');
    this.#log = lines.pop() ?? '';
    return lines.filter((line) =>
      /"level":"(error|fatal)"|Warning: |^\s+at .+:\d+:\d+\)?$|nobody (handled|caught)/.test(line),
    );
  }

  /** Signs in again where a case has signed out, or changed what it should not. */
  async keepSessions(): Promise<void> {
    const accounts = { admin: { name: 'admin', password: ADMIN_PASSWORD }, viewer: VIEWER };
    for (const who of ['admin', 'viewer'] as const) {
      if ((await this.#box.call(1301, {}, this.sessions[who])).code !== -141) continue;
      const { name, password } = accounts[who];
      this.sessions[who] = await this.#box.login(name, password);
    }
  }

  /**
   * Looks at the box as a whole: every plugin runs, no worker was ever restarted, nobody's rights have grown. Then
   * gives back what cases take away.
   * @param tell hears what is wrong
   */
  async look(tell: (fault: string) => void): Promise<void> {
    const { admin, viewer } = this.sessions;
    const health = await this.#box.rest<{ plugins?: { id: string; state: string }[] }>(
      'GET',
      '/healthz',
      undefined,
      admin,
    );
    for (const { id, state } of health.body.plugins ?? []) {
      if (state !== 'RUNNING' && state !== 'DEGRADED') tell(`plugin ${id} is ${state}`);
    }
    const metrics = await this.#box.rest<string>('GET', '/metrics', undefined, '');
    const restarts = [...metrics.body.matchAll(/^gatehouse_core_\w+_restarts(?:\{.*\})? (\d+)$/gm)].map((one) =>
      Number(one[1]),
    );
    if (restarts.length === 0 || restarts.some((times) => times > 0)) {
      tell(`worker processes were restarted: ${restarts.join(', ') || 'the metrics do not say'}`);
    }
    const me = await this.#box.rest<{ role: string }>('GET', '/p/users/me', undefined, viewer);
    if (me.body.role !== 'viewer') tell(`the viewer has become ${me.body.role}`);
    for (const user_name of ['admin', VIEWER.name]) {
      await this.#box.call(269, { user_name, is_authed: 1 }, admin);
      await this.#box.call(272, { user_name, right_item: 1, right_value: 1 }, admin);
    }
    for (let n = this.#stored.captures(); n < CAPTURES; n += 1) {
      this.#stored.capture(n % 2 ? 'face' : 'body', 1 + (n % 32), Date.now() - n * 60_000, Buffer.from('a picture'));
    }
  }

  async #prepare(): Promise<void> {
    const box = this.#box;
    this.sessions.admin = await box.login();
    const made = await box.rest<{ id: number }>('POST', '/p/users/users', { ...VIEWER, role: 'viewer' });
    if (made.body.id !== VIEWER_ID) throw new Error(`the viewer got the id ${made.body.id}`);
    this.sessions.viewer = await box.login(VIEWER.name, VIEWER.password);
    box.sessionId = this.sessions.admin;
    this.key = (await box.call<{ key: string }>(1286)).data.key;
    this.#layFiles();
  }

  /** Files of several areas, and for whom they are. */
  #layFiles(): void {
    const lay = (path: string, area: string | undefined, picture: boolean, seenBy: Session[]) => {
      const bytes = Buffer.from(`${path} is a file of the area ${area}`.padEnd(300, '.'));
      this.#stored.put(path, bytes, { ...(area ? { area } : {}), picture });
      this.files.push({ path, bytes, seenBy });
    };
    lay('record/channel1/face/1795238161_1.jpg', 'records', true, ['admin', 'viewer']);
    lay('record/channel32/frame/1795238161_2.jpg', 'records', true, ['admin', 'viewer']);
    lay('facebase/libid2/2_1620975347_1.png', 'people', true, ['admin', 'viewer']);
    lay('tmp/export-1.csv', 'records', false, ['admin', 'viewer']);
    lay('tmp/log-1.zip', 'accounts', false, ['admin']);
    lay('tmp/of-nobody.jpg', undefined, true, ['admin']);
    lay('tmp/of-no-area.jpg', '__proto__', true, ['admin']);
  }
}
