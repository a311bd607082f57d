import { Agent, request } from 'node:https';
import webPush from 'web-push';
import { AddressError, type AddressRules } from '../../core/net/addresses.ts';
import { endpointUrl, publicLookup } from './endpoint.ts';
import type { ServerKeys } from './keys.ts';
import type { Notification } from './notification.ts';

/** Address and keys of a browser (`PushSubscription`), base64url. */
export interface Browser {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

/** What became of a push. `gone`: the browser is not subscribed any more. */
export type Outcome =
  | { result: 'sent' }
  | { result: 'gone' }
  | { result: 'failed'; why: 'unreachable' | 'silent' | 'refused' | 'forbidden'; status?: number };

export interface SenderOptions {
  keys: ServerKeys;
  /** Whom a push service can ask: `mailto:` or `https:`. */
  subject(): string;
  rules: AddressRules;
  /** Trusted beside the public authorities. */
  authority?: string;
  /** ms; default 10,000 */
  deadline?: number;
}

const DEADLINE_MS = 10_000;
/** So long a push service keeps it for a browser that is away, s. */
const TTL_S = 3600;

/** Encrypts notifications for browsers (RFC 8291) and hands them to their push services. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #agent: Agent;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: 4,
      maxFreeSockets: 4,
      lookup: publicLookup(options.rules),
      ...(options.authority === undefined ? {} : { ca: options.authority }),
    });
  }

  async send(browser: Browser, notification: Notification, signal: AbortSignal): Promise<Outcome> {
    const { rules, deadline = DEADLINE_MS } = this.#options;
    let url: URL;
    try {
      url = endpointUrl(browser.endpoint, rules);
    } catch {
      // The rules became stricter since it was taken.
      return { result: 'failed', why: 'forbidden' };
    }
    const limit = AbortSignal.timeout(deadline);
    try {
      const status = await this.#post(url, browser, notification, AbortSignal.any([signal, limit]));
      if (status >= 200 && status < 300) return { result: 'sent' };
      if (status === 404 || status === 410) return { result: 'gone' };
      return { result: 'failed', why: 'refused', status };
    } catch (error) {
      if (error instanceof AddressError) return { result: 'failed', why: 'forbidden' };
      return { result: 'failed', why: limit.aborted ? 'silent' : 'unreachable' };
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  /** @returns the HTTP status; what else the answer holds is not read */
  #post(url: URL, browser: Browser, notification: Notification, signal: AbortSignal): Promise<number> {
    const { keys, subject } = this.#options;
    const { headers, body, method } = webPush.generateRequestDetails(browser, JSON.stringify(notification), {
      vapidDetails: { subject: subject(), ...keys },
      TTL: TTL_S,
      urgency: 'high',
      contentEncoding: 'aes128gcm',
    });
    return new Promise((resolve, reject) => {
      const asked = request(url, { method, headers: headers as Record<string, string>, agent: this.#agent, signal });
      asked.on('error', reject);
      asked.on('response', (response) => {
        // A short answer leaves the connection for the next push; a long one is not waited for.
        let bytes = 0;
        response
          .on('error', () => {})
          .on('data', (chunk: Buffer) => {
            bytes += chunk.byteLength;
            if (bytes > 16_384) response.destroy();
          });
        resolve(response.statusCode ?? 0);
      });
      asked.end(body);
    });
  }
}
