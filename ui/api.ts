import type { Api, CallOptions, Query } from './contract.ts';
import { ApiError } from './errors.ts';

/** REST of the box: plain JSON, refusals as `{code, msg, data}` with an HTTP status. */

const TIMEOUT = 30_000;

let onSignedOut: () => void = () => {};

/** What happens when the box answers that nobody is signed in. */
export function whenSignedOut(handler: () => void): void {
  onSignedOut = handler;
}

export function withQuery(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  const text = search.toString();
  return text === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${text}`;
}

/** Fetches an absolute path of the box; gives the JSON, undefined for an empty answer, or rejects with `ApiError`. */
export async function call<T>(
  path: string,
  {
    method = 'GET',
    query,
    body,
    signal,
    timeout = TIMEOUT,
  }: CallOptions & { method?: string; query?: Query; body?: unknown } = {},
): Promise<T> {
  const limit = AbortSignal.timeout(timeout);
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(withQuery(path, query), {
      method,
      credentials: 'same-origin',
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    text = await answer.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError('', { reason: limit.aborted ? 'timeout' : 'unreachable' });
  }
  let json: unknown;
  try {
    json = text === '' ? undefined : JSON.parse(text);
  } catch {
    throw new ApiError('', { status: answer.status, reason: answer.status >= 502 ? 'unreachable' : 'broken' });
  }
  if (answer.ok) return json as T;
  const refusal = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  if (answer.status === 401) onSignedOut();
  throw new ApiError(typeof refusal['msg'] === 'string' ? refusal['msg'] : '', {
    status: answer.status,
    code: Number(refusal['code']) || 0,
    data: refusal['data'],
    reason: 'refused',
  });
}

/** The API of one plugin, under `/p/<id>`. */
export function apiOf(plugin: string): Api {
  const base = `/p/${plugin}`;
  return {
    get: (path, query, options) => call(base + path, { ...options, query: query ?? {} }),
    post: (path, body, options) => call(base + path, { ...options, method: 'POST', body: body ?? {} }),
    put: (path, body, options) => call(base + path, { ...options, method: 'PUT', body }),
    patch: (path, body, options) => call(base + path, { ...options, method: 'PATCH', body }),
    delete: (path, options) => call(base + path, { ...options, method: 'DELETE' }),
    core: call,
    url: (path, query) => withQuery(base + path, query),
  };
}
