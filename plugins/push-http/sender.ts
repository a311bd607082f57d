import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressRules } from '../../core/net/addresses.ts';
import { RefusedError } from '../../core/plugin/push-services.ts';
import type { Form } from './form.ts';
import { agentFor, CONNECTIONS, type Trust } from './trust.ts';

/** Of an answer nobody reads more: what counts is its status. */
const MOST_ANSWER = 64 * 1024;
/** The rest of an answer may take so long, ms; then the connection is given up, the status counts all the same. */
const ANSWER_MS = 2_000;
/**
 * Refusals of this one message, which no later try makes good: bad, too large, of a kind that is not taken. Others may
 * pass: a key is corrected, a proxy gets its receiver back.
 */
const FINAL = new Set([400, 411, 413, 414, 415, 422, 431]);

/** Sends forms to one receiver, over connections that stay open. */
export class Sender {
  readonly #url: URL;
  readonly #agent: Agent;

  /** @throws AddressError where the address must not be sent to */
  constructor(url: URL, trust: Trust, rules: AddressRules) {
    this.#url = url;
    this.#agent = agentFor(url, trust, rules);
  }

  /**
   * Sends a form; resolves to the status once the receiver has taken it (2xx).
   * @throws RefusedError when it will never take it, Error for anything that may pass
   */
  async send(form: Form, signal: AbortSignal): Promise<number> {
    const status = await this.#post(form.bytes(), form.type, signal, CONNECTIONS);
    if (status >= 200 && status < 300) return status;
    const reason = `the receiver answered ${status}`;
    if (status >= 300 && status < 400) throw new StatusError(status, `${reason}: redirects are not followed`);
    if (FINAL.has(status)) throw new RefusedError(reason);
    throw new StatusError(status, reason);
  }

  /** Closes its connections. */
  close(): void {
    this.#agent.destroy();
  }

  /** @param again so many connections that had stayed open may turn out to be closed */
  #post(body: Buffer, type: string, signal: AbortSignal, again: number): Promise<number> {
    return new Promise((done, failed) => {
      const open = this.#url.protocol === 'https:' ? httpsRequest : httpRequest;
      const headers = { 'content-type': type, 'content-length': body.length, 'user-agent': 'Gatehouse' };
      const request = open(this.#url, { method: 'POST', agent: this.#agent, headers, signal });
      let answered = false;
      request.once('response', (response) => {
        answered = true;
        void drained(response).then(() => done(response.statusCode ?? 0));
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The receiver closed a connection that had stayed open, just as it was used again.
        const closed = error.code === 'ECONNRESET' || error.code === 'EPIPE';
        if (again > 0 && !answered && request.reusedSocket && !signal.aborted && closed) {
          this.#post(body, type, signal, again - 1).then(done, failed);
        } else {
          failed(signal.aborted ? new Error('the receiver did not answer in time (ETIMEDOUT)') : told(error));
        }
      });
      request.end(body);
    });
  }
}

/** The receiver answered, and this is no delivery. */
export class StatusError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Waits for the end of an answer, or of the patience with it. */
function drained(response: IncomingMessage): Promise<void> {
  return new Promise((done) => {
    let size = 0;
    const timer = setTimeout(() => response.destroy(), ANSWER_MS);
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MOST_ANSWER) response.destroy();
    });
    response.on('error', () => {});
    response.once('end', () => {
      clearTimeout(timer);
      done();
    });
    response.once('close', () => {
      clearTimeout(timer);
      done();
    });
  });
}

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'nobody listens at this address',
  ECONNRESET: 'the receiver closed the connection',
  EPIPE: 'the receiver closed the connection',
  ENOTFOUND: 'the name of the receiver is not known',
  EAI_AGAIN: 'the name of the receiver could not be looked up',
  ETIMEDOUT: 'the receiver cannot be reached',
  EHOSTUNREACH: 'the receiver cannot be reached',
  ENETUNREACH: 'the receiver cannot be reached',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate of the receiver is signed by nobody the box knows',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate of the receiver is signed by nobody the box knows',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate of the receiver is signed by nobody the box knows',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate of the receiver is signed by nobody the box knows',
  CERT_HAS_EXPIRED: 'the certificate of the receiver has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate of the receiver is for another name',
};

/** The error with words a person understands. Several addresses of a name fail together, without words of their own. */
export function told(error: NodeJS.ErrnoException): Error {
  const code = error.code ?? '';
  if (code.startsWith('HPE_')) return new Error(`the receiver does not speak HTTP (${code})`);
  const words = WORDS[code];
  if (words) return new Error(`${words} (${code})`);
  return error.message === '' ? new Error(code || error.name) : error;
}
