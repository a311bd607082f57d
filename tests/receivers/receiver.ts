import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../kit/wait.ts';

/** A line a receiver prints, with the wall clock of when it came (`heardAt`, ms). */
export type Said = Record<string, unknown>;

/** One of the Python receivers in a process of its own, and what it has said so far. */
export class Receiver {
  readonly said: Said[] = [];
  readonly #child: ChildProcess;
  #errors = '';

  /** @param script `http_receiver.py` or `ws_receiver.py` */
  constructor(script: string, ...options: string[]) {
    this.#child = spawn('/usr/bin/python3', [join(import.meta.dirname, script), ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    createInterface({ input: this.#child.stdout! }).on('line', (line) =>
      this.said.push({ ...(JSON.parse(line) as Said), heardAt: Date.now() }),
    );
    this.#child.stderr!.on('data', (chunk) => {
      this.#errors += String(chunk);
    });
    const kill = () => this.#child.kill('SIGKILL');
    process.once('exit', kill);
    this.#child.once('exit', () => process.off('exit', kill));
  }

  /** Waits for a line with this name and gives its value. */
  async value(name: string): Promise<unknown> {
    const line = await until(`a receiver to say ${name}`, () => {
      if (this.#errors) throw new Error(this.#errors);
      return this.said.find((one) => name in one);
    });
    return line[name];
  }

  of(messageId: number | string): Said[] {
    return this.said.filter((one) => one['msg_id'] === messageId);
  }

  get faults(): unknown[] {
    return this.said.filter((one) => 'fault' in one).map((one) => one['fault']);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((done) => this.#child.once('exit', done));
    this.#child.kill('SIGKILL');
    await gone;
  }
}
