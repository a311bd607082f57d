import { createDecipheriv, createECDH, createHmac, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { makeAuthority, makeKey, sign } from '../../core/gateway/certificate-making.ts';
import type { Store } from '../../core/store/database.ts';
import { temporaryStore } from '../../core/store/fixture.ts';

/** A push service and a browser of the tests' own; the browser decrypts by RFC 8291 and RFC 8188. */

export interface Push {
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export class PushService {
  readonly pushes: Push[] = [];
  /** Status by path; 201 otherwise. 0 never answers. */
  readonly answers = new Map<string, number>();
  readonly authority: string;
  readonly #server: Server;

  private constructor(server: Server, authority: string) {
    this.#server = server;
    this.authority = authority;
    server.on('request', (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (chunk: Buffer) => parts.push(chunk));
      request.on('end', () => {
        const path = request.url ?? '';
        this.pushes.push({ path, headers: request.headers, body: Buffer.concat(parts) });
        const status = this.answers.get(path) ?? 201;
        if (status !== 0) response.writeHead(status).end('x'.repeat(status === 429 ? 100_000 : 10));
      });
    });
  }

  static async start(t: TestContext): Promise<PushService> {
    const names = [
      { type: 'dns' as const, value: 'localhost' },
      { type: 'ip' as const, value: '127.0.0.1' },
    ];
    const authority = await makeAuthority(names, Date.now());
    const key = await makeKey();
    const server = createServer({ key, cert: await sign(authority, key, names, Date.now()) });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    return new PushService(server, authority.cert);
  }

  url(path: string): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}${path}`;
  }
}

/** A browser's side of a subscription. */
export class TestBrowser {
  readonly #ecdh = createECDH('prime256v1');
  readonly #auth = randomBytes(16);

  constructor() {
    this.#ecdh.generateKeys();
  }

  get keys(): { p256dh: string; auth: string } {
    return { p256dh: this.#ecdh.getPublicKey('base64url'), auth: this.#auth.toString('base64url') };
  }

  /** Opens a message of content coding aes128gcm with one record. */
  open(message: Buffer): unknown {
    const salt = message.subarray(0, 16);
    const keyLength = message.readUInt8(20);
    const sender = message.subarray(21, 21 + keyLength);
    const sealed = message.subarray(21 + keyLength);
    const shared = this.#ecdh.computeSecret(sender);
    const about = Buffer.concat([Buffer.from('WebPush: info\0'), this.#ecdh.getPublicKey(), sender]);
    const ikm = Buffer.from(hkdfSync('sha256', shared, this.#auth, about, 32));
    const prk = createHmac('sha256', salt).update(ikm).digest();
    const expand = (info: string, length: number) =>
      createHmac('sha256', prk).update(`${info}\0\u0001`).digest().subarray(0, length);
    const cipher = createDecipheriv(
      'aes-128-gcm',
      expand('Content-Encoding: aes128gcm', 16),
      expand('Content-Encoding: nonce', 12),
    );
    cipher.setAuthTag(sealed.subarray(-16));
    const padded = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
    const end = padded.lastIndexOf(2);
    return JSON.parse(padded.subarray(0, end).toString());
  }
}

/** Claims of a VAPID header (RFC 8292), checked with the key it names; throws where the signature is wrong. */
export function vapidClaims(header: string, publicKey: string): { aud: string; sub: string; exp: number } {
  const { t: token = '', k = '' } = Object.fromEntries(
    header
      .replace(/^vapid /, '')
      .split(/, */)
      .map((part) => [part.slice(0, 1), part.slice(2)]),
  ) as Record<string, string>;
  if (k !== publicKey) throw new Error('another key');
  const point = Buffer.from(k, 'base64url');
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
  const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  const [head = '', claims = '', signature = ''] = token.split('.');
  const signed = Buffer.from(`${head}.${claims}`);
  if (!verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))) {
    throw new Error('the signature is wrong');
  }
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as { aud: string; sub: string; exp: number };
}

export async function openTestStore(t: TestContext): Promise<Store> {
  const { store } = await temporaryStore(t);
  await store.migrate('web-push', join(import.meta.dirname, 'migrations'));
  return store;
}
