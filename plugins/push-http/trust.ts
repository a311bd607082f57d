import { readFileSync } from 'node:fs';
import { type AgentOptions, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  rootCertificates,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { AddressError, type AddressRules, addressFault, checkedLookup, hostOf } from '../../core/net/addresses.ts';
import type { ShownCertificate } from './shapes.ts';

/** How a receiver proves who it is: by a certificate that an authority signed, or by one that a person has looked at. */
export type Trust = { kind: 'system' } | { kind: 'pinned'; fingerprint: string };

/** Where Debian keeps the authorities of the system, those of the owner among them. */
const SYSTEM_AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';
const CONNECT_MS = 8_000;
/** A connection nobody used for so long is closed, ms. */
const IDLE_MS = 60_000;
/** One for each lane and the heartbeat. */
export const CONNECTIONS = 3;
const KEPT: AgentOptions = { keepAlive: true, maxSockets: CONNECTIONS, maxFreeSockets: CONNECTIONS, timeout: IDLE_MS };

let context: SecureContext | undefined;

/** Trusts the runtime's own authorities and those installed on the system. Made once: it is hundreds of certificates. */
function trusting(): SecureContext {
  if (!context) {
    let installed: string[] = [];
    try {
      installed =
        readFileSync(SYSTEM_AUTHORITIES, 'utf8').match(
          /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g,
        ) ?? [];
    } catch {
      // Other systems keep them elsewhere; the runtime's own are enough for most receivers.
    }
    context = createSecureContext({ ca: [...new Set([...rootCertificates, ...installed])], minVersion: 'TLSv1.2' });
  }
  return context;
}

/**
 * Connections to a receiver, kept open between pushes. Every one goes to an address that was checked, and one that is
 * encrypted carries nothing before the other side has proved who it is.
 * @throws AddressError where the address must not be sent to
 */
export function agentFor(url: URL, trust: Trust, rules: AddressRules): HttpAgent {
  checkLiteral(url, rules);
  const lookup = checkedLookup(rules);
  if (url.protocol === 'http:') return new HttpAgent({ ...KEPT, lookup });
  if (trust.kind === 'pinned') return new PinnedAgent(url, trust.fingerprint, rules);
  // Said in full, so that no environment variable switches it off.
  return new HttpsAgent({ ...KEPT, lookup, secureContext: trusting(), rejectUnauthorized: true });
}

/** Lets through connections to one certificate only, whoever signed it and whatever name it carries. */
class PinnedAgent extends HttpsAgent {
  readonly #url: URL;
  readonly #fingerprint: string;
  readonly #rules: AddressRules;

  constructor(url: URL, fingerprint: string, rules: AddressRules) {
    super(KEPT);
    this.#url = url;
    this.#fingerprint = fingerprint;
    this.#rules = rules;
  }

  override createConnection(_: unknown, done?: (error: Error | null, stream: Duplex) => void): undefined {
    secured(this.#url, this.#rules, { rejectUnauthorized: false }).then(
      (socket) => {
        const { fingerprint256 } = socket.getPeerCertificate();
        if (fingerprint256 === this.#fingerprint) {
          done?.(null, socket);
          return;
        }
        socket.destroy();
        done?.(new Error(`the receiver shows another certificate than the pinned one (${fingerprint256})`), socket);
      },
      (error: Error) => done?.(error, undefined as unknown as Duplex),
    );
    return undefined;
  }
}

/**
 * The certificate a receiver shows, for a person to look at. Nothing is sent to it.
 * @throws Error when there is none
 */
export async function certificateOf(url: URL, rules: AddressRules): Promise<ShownCertificate> {
  if (url.protocol !== 'https:') throw new AddressError('only an address with https has a certificate');
  checkLiteral(url, rules);
  const socket = await secured(url, rules, { rejectUnauthorized: false, secureContext: trusting() });
  const { subject, issuer, valid_from, valid_to, fingerprint256 } = socket.getPeerCertificate();
  const { authorized, authorizationError } = socket;
  socket.destroy();
  return {
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    validFrom: Date.parse(valid_from),
    validTo: Date.parse(valid_to),
    fingerprint: fingerprint256,
    trusted: authorized,
    reason: authorized ? '' : String((authorizationError as Error & { code?: string })?.message ?? authorizationError),
  };
}

/** The text of a name: it comes from a stranger. */
function nameOf(name: { CN?: string | string[]; O?: string | string[] } | undefined): string {
  return [name?.CN, name?.O].flat().filter(Boolean).join(', ').slice(0, 200);
}

/** Rejects an IP address that must not be sent to: no name of it is looked up, so nobody else would. */
function checkLiteral(url: URL, rules: AddressRules): void {
  const host = hostOf(url);
  const fault = isIP(host) ? addressFault(host, rules) : undefined;
  if (fault) throw new AddressError(fault);
}

/** Connects and waits for the end of the handshake. */
function secured(url: URL, rules: AddressRules, options: ConnectionOptions): Promise<TLSSocket> {
  const host = hostOf(url);
  return new Promise((done, failed) => {
    const socket = connect({
      host,
      port: Number(url.port || 443),
      lookup: checkedLookup(rules),
      minVersion: 'TLSv1.2',
      ...(isIP(host) ? {} : { servername: host }),
      ...options,
    });
    const timer = setTimeout(
      () => socket.destroy(new Error(`no connection within ${CONNECT_MS / 1000} s`)),
      CONNECT_MS,
    );
    const closed = () => failed(new Error('the receiver closed the connection'));
    socket.once('close', () => clearTimeout(timer));
    socket.once('close', closed);
    socket.once('error', failed);
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      socket.off('error', failed);
      socket.off('close', closed);
      // Until somebody else listens.
      socket.on('error', () => {});
      done(socket);
    });
  });
}
