import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import type { Caller } from '../plugin/contract.ts';
import { CODE, ContractError } from './errors.ts';
import type { SessionRegistry } from './sessions.ts';

/** What every part of the gateway needs to know of a request: who calls, from where, and how much they may send. */

export const SESSION_COOKIE = 'gatehouse_session';
/** Bytes. */
const MAX_BODY = { anonymous: 256 * 1024, session: 64 * 1024 * 1024 };

/** How much a caller may send: somebody who must still change the password has no pictures to bring. */
export function maxBody(caller: Caller | undefined): number {
  return caller && !caller.mustChangePassword ? MAX_BODY.session : MAX_BODY.anonymous;
}

export type GatewayContext = Context<{ Bindings: HttpBindings }>;

/** Source address of the connection; IPv4 in its usual form. */
export function addressOf(socket: { remoteAddress?: string | undefined } | undefined): string {
  return (socket?.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');
}

/** Source address of a request. */
export function sourceOf(c: GatewayContext): string {
  return addressOf(c.env.incoming?.socket);
}

/** Whether an Origin header names the host the request was sent to. */
export function sameOrigin(origin: string, host: string | undefined): boolean {
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}

/**
 * The session behind a request: the `sessionid` header of clients, else the page's cookie. A cookie counts only where
 * the browser's Origin, if it names one, is the box itself.
 */
export function callerOf(c: GatewayContext, sessions: SessionRegistry): Caller | undefined {
  const header = c.req.header('sessionid');
  if (header) return sessions.find(header);
  const cookie = getCookie(c, SESSION_COOKIE);
  if (!cookie) return undefined;
  const origin = c.req.header('origin');
  if (origin && !sameOrigin(origin, c.req.header('host'))) return undefined;
  return sessions.find(cookie);
}

/**
 * The body as bytes, up to a limit.
 * @throws ContractError `wrongParameter` when it is larger; the rest is not read
 */
export async function readBody(c: GatewayContext, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = () => {
    // What is still under way is not read: the connection cannot be used again.
    c.header('connection', 'close');
    return new ContractError(CODE.wrongParameter, `the body is larger than ${limit} bytes`);
  };
  if (Number(c.req.header('content-length') ?? 0) > limit) throw tooLarge();
  const { body } = c.req.raw;
  if (!body) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new ContractError(CODE.wrongParameter, 'the body ended early');
    });
    if (done) break;
    size += value.byteLength;
    if (size > limit) {
      await reader.cancel();
      throw tooLarge();
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
