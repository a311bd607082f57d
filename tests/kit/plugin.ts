import { checkInput } from '../../core/gateway/dispatch.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { Call, Caller, PluginParts, RouteDefinition } from '../../core/plugin/contract.ts';
import type { Capability, EventKey } from '../../core/plugin/keys.ts';
import type { Answer } from './box.ts';

/** A plugin without its host: what it registered is found and called as the core would. */

type Parts = Pick<PluginParts<unknown>, 'messages' | 'routes' | 'services' | 'on'>;

/** May do everything. */
export const admin: Caller = {
  userId: 1,
  userName: 'admin',
  role: 'super-admin',
  imageRight: true,
  mustChangePassword: false,
  sessionId: 's',
};

/** As the gateway's: what it does depends on what it is called on. */
class TestCall implements Call {
  readonly caller: Caller;
  readonly source = '127.0.0.1';
  readonly transport = 'json';
  readonly files = new Map();
  readonly #remarks: string[];

  constructor(caller: Caller, remarks: string[]) {
    this.caller = caller;
    this.#remarks = remarks;
  }

  remark(text: string): void {
    this.#remarks.push(text);
  }

  setHeader(): void {}

  setSessionCookie(): void {}
}

/** A call of somebody. @param remarks gets what the handler adds to the operation log's entry */
export function callBy(caller: Caller, remarks: string[] = [], change: Pick<Partial<Call>, 'files'> = {}): Call {
  return Object.assign(new TestCall(caller, remarks), change);
}

/** Sends a numbered message; a refusal is an answer, too. */
export async function sendMessage<T = unknown>(
  { messages }: Parts,
  id: number,
  parameters: object,
  call: Call,
): Promise<Answer<T>> {
  const found = messages?.find((one) => one.id === id);
  if (!found) throw new Error(`no message ${id}`);
  try {
    const data = await found.handle(checkInput(found.request, parameters), call);
    return { code: CODE.ok, data: (data ?? '') as T, msg: '' };
  } catch (error) {
    if (error instanceof ContractError) return { code: error.code, data: error.data as T, msg: error.message };
    throw error;
  }
}

/** Calls a route and gives its answer, or throws what it throws. */
export async function callRoute<T = unknown>(
  parts: Parts,
  method: string,
  path: string,
  { query = {}, body = {} }: { query?: object | undefined; body?: unknown },
  call: Call,
): Promise<T> {
  const { route, params } = routeOf(parts, method, path);
  const input = {
    params: route.params && checkInput(route.params, params),
    query: route.query && checkInput(route.query, query),
    body: route.body && checkInput(route.body, body),
  };
  const answer = await route.handle(input as never, call);
  // What the documentation promises is what is given.
  if (route.response) route.response.parse(answer);
  return answer as T;
}

/** The route behind a path, with what stands for its `:names`. */
export function routeOf(
  { routes = [] }: Parts,
  method: string,
  path: string,
): { route: RouteDefinition; params: Record<string, string> } {
  for (const route of routes) {
    const match = new RegExp(`^${route.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`).exec(path);
    if (route.method === method && match) return { route, params: { ...match.groups } };
  }
  throw new Error(`no route ${method} ${path}`);
}

/** A service the plugin offers. */
export function serviceOf<T>({ services }: Parts, { id }: Capability<T>): T {
  const found = services?.find(({ capability }) => capability.id === id);
  if (!found) throw new Error(`no service ${id}`);
  return found.implementation as T;
}

/** Tells the plugin what others tell; throws where it does not listen. */
export async function tell<T>({ on = [] }: Parts, { id }: EventKey<T>, payload: T): Promise<void> {
  const listeners = on.filter(({ event }) => event.id === id);
  if (listeners.length === 0) throw new Error(`nobody listens to ${id}`);
  for (const { handle } of listeners) await handle(payload);
}
