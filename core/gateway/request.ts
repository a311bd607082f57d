import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import type { Caller } from '../plugin/contract.ts';
import type { SessionRegistry } from './sessions.ts';

/** What every part of the gateway needs to know of a request: who calls, and from where. */

export const SESSION_COOKIE = 'gatehouse_session';

export type GatewayContext = Context<{ Bindings: HttpBindings }>;

/** Source address of the connection; IPv4 in its usual form. */
export function addressOf(socket: { remoteAddress?: string | undefined } | undefined): string {
  return (socket?.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');
}

/** A header of a request; of one given several times, all with commas between. The app's own copy of them costs more. */
export function headerOf(c: GatewayContext, name: string): string | undefined {
  const value = c.env.incoming.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/**
 * Whether the client has what this tag names. What was compressed on its way carries it as a weak one (`W/`), and so does
 * the question that comes back.
 */
export function hasAlready(c: GatewayContext, etag: string): boolean {
  const known = c.req.header('if-none-match')?.split(',') ?? [];
  return known.some((one) => one.trim().replace(/^W\//, '') === etag);
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
  const header = headerOf(c, 'sessionid');
  if (header) return sessions.find(header);
  if (headerOf(c, 'cookie') === undefined) return undefined;
  const cookie = getCookie(c, SESSION_COOKIE);
  if (!cookie) return undefined;
  const origin = c.req.header('origin');
  if (origin && !sameOrigin(origin, c.req.header('host'))) return undefined;
  return sessions.find(cookie);
}
