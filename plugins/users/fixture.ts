import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { Bus } from '../../core/events/bus.ts';
import { type CallOrigin, checkInput, dispatch } from '../../core/gateway/dispatch.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { SessionRegistry } from '../../core/gateway/sessions.ts';
import type { Caller, PluginParts } from '../../core/plugin/contract.ts';
import type { EventKey } from '../../core/plugin/keys.ts';
import type { OutMessage } from '../../core/plugin/push-services.ts';
import { type Accounts, accountChanged, type Operation, operationPerformed } from '../../core/plugin/services.ts';
import { openStore, type Store } from '../../core/store/database.ts';
import { setUp } from './index.ts';
import { PasswordHasher } from './password-hash.ts';

/** The plugin with a real store, real sessions and the real dispatcher, and a clock the test moves. */

const root = join(import.meta.dirname, '../..');
export const PASSWORD = 'Gate-house-1';

/** As cheap as scrypt gets: the tests count tries, not time. */
export const cheap = (n = 2) => new PasswordHasher({ cost: { n, r: 1, p: 1 } });

export interface Answer {
  code: number;
  msg: string;
  data: unknown;
}

export interface From {
  sessionId?: string;
  source?: string;
}

export class UsersBox {
  readonly folder: string;
  readonly store: Store;
  readonly operations: Operation[] = [];
  readonly changes: { userId: number; change: string }[] = [];
  /** Bodies of what was put into the outbox. With a fault nothing is. */
  readonly told: object[] = [];
  outboxFault: Error | undefined;
  readonly printed: string[] = [];
  readonly headers = new Map<string, string>();
  /** Cookies set, newest last. */
  readonly cookies: (string | null)[] = [];
  now = Date.UTC(2026, 10, 21, 8, 0, 0);
  sessions!: SessionRegistry;
  parts!: PluginParts<unknown>;
  readonly #log = pino({ level: 'silent' });
  readonly #bus = new Bus(this.#log);

  constructor(folder: string, store: Store) {
    this.folder = folder;
    this.store = store;
    this.#bus.on(operationPerformed, 'test', (operation) => void this.operations.push(operation));
    this.#bus.on(accountChanged, 'test', (change) => void this.changes.push(change));
  }

  get clock() {
    return { now: () => this.now, steady: () => this.now, zone: 'UTC' };
  }

  get accounts(): Accounts {
    return this.parts.services?.[0]?.implementation as Accounts;
  }

  /** Starts timers and reads the sessions that were kept, as at a start of the box. */
  async start(): Promise<void> {
    await this.sessions.start();
    await this.parts.start?.();
  }

  async stop(): Promise<void> {
    await this.parts?.stop?.();
    await this.sessions?.stop();
    await this.store.close();
  }

  /** Sets the plugin up over the same data, as at a start of the box. */
  async setUp(adminPassword?: string, hasher = cheap()): Promise<void> {
    this.sessions = new SessionRegistry(this.store, this.clock, () => this.accounts);
    const context = {
      id: 'users',
      config: {},
      use: { sessions: this.sessions, outbox: { add: (_: unknown, { body }: OutMessage) => this.#add(body) } },
      log: this.#log,
      clock: this.clock,
      metrics: { counter: () => ({ inc: () => {} }), gauge: () => {} },
      store: this.store,
      firstStart: adminPassword === undefined ? {} : { adminPassword },
      emit: (event: EventKey<unknown>, payload: unknown) => this.#bus.emit(event, payload),
      changed: () => {},
    } as unknown as Parameters<typeof setUp>[0];
    this.parts = await setUp(context, hasher, (text) => void this.printed.push(text));
  }

  /** Sends a numbered message as the gateway would. */
  async send(id: number, parameters: object = {}, from: From = {}): Promise<Answer> {
    const found = this.parts.messages?.find((one) => one.id === id);
    if (!found) throw new Error(`no message ${id}`);
    return this.#answer(
      { owner: 'users', item: `${id}`, access: found.access },
      (call) => found.handle(checkInput(found.request, parameters), call),
      this.#origin('json', from),
    );
  }

  /** Calls a route as the gateway would. */
  async rest(method: string, path: string, body?: unknown, from: From = {}): Promise<Answer> {
    for (const found of this.parts.routes ?? []) {
      const match = new RegExp(`^${found.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`).exec(path);
      if (found.method !== method || !match) continue;
      return this.#answer(
        { owner: 'users', item: `${method} ${found.path}`, access: found.access },
        (call) => {
          const input = {
            params: found.params && checkInput(found.params, { ...match.groups }),
            query: undefined,
            body: found.body && checkInput(found.body, body),
          };
          return found.handle(input as never, call);
        },
        this.#origin('rest', from),
      );
    }
    throw new Error(`no route ${method} ${path}`);
  }

  /** Signs in and gives the session id; throws when refused. */
  async logIn(name = 'admin', password = PASSWORD, source = '10.0.0.1'): Promise<string> {
    const answer = await this.send(257, { user_name: name, user_pwd: password }, { source });
    if (answer.code !== CODE.ok) throw new Error(`login answered ${answer.code}: ${answer.msg}`);
    return answer.data as string;
  }

  /** Makes an account and signs in with it. */
  async member(name: string, role: string, admin: string, more: object = {}): Promise<string> {
    const made = await this.rest('POST', '/users', { name, role, password: PASSWORD, ...more }, { sessionId: admin });
    if (made.code !== CODE.ok) throw new Error(made.msg);
    return this.logIn(name);
  }

  #add(body: object): void {
    if (this.outboxFault) throw this.outboxFault;
    this.told.push(body);
  }

  #origin(transport: 'json' | 'rest', { sessionId, source = '10.0.0.1' }: From): CallOrigin {
    const caller: Caller | undefined = sessionId === undefined ? undefined : this.sessions.find(sessionId);
    return {
      caller,
      source,
      transport,
      setHeader: (name, value) => void this.headers.set(name, value),
      setSessionCookie: (id) => void this.cookies.push(id),
    };
  }

  async #answer(
    endpoint: Omit<Parameters<typeof dispatch>[0], 'handle'>,
    handle: Parameters<typeof dispatch>[0]['handle'],
    origin: CallOrigin,
  ): Promise<Answer> {
    try {
      const data = await dispatch({ ...endpoint, handle }, origin, {
        bus: this.#bus,
        clock: this.clock,
        log: this.#log,
      });
      return { code: CODE.ok, msg: '', data: data ?? '' };
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      return { code: error.code, msg: error.message, data: error.data };
    }
  }
}

/** A store with the tables of sessions and users, and nothing set up yet. */
export async function bareBox(t: TestContext): Promise<UsersBox> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-users-'));
  const store = await openStore({ folder, log: pino({ level: 'silent' }) });
  const box = new UsersBox(folder, store);
  t.after(async () => {
    await box.stop();
    await rm(folder, { recursive: true, force: true });
  });
  await store.migrate('gateway', join(root, 'core/gateway/migrations'));
  await store.migrate('users', join(import.meta.dirname, 'migrations'));
  return box;
}

/** A box whose admin has `PASSWORD`. */
export async function startUsers(t: TestContext, hasher = cheap()): Promise<UsersBox> {
  const box = await bareBox(t);
  await box.setUp(PASSWORD, hasher);
  return box;
}
