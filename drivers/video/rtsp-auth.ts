import { createHash, randomBytes } from 'node:crypto';

/** One way of signing in that a server offers in a WWW-Authenticate header. */
export interface Challenge {
  scheme: 'basic' | 'digest';
  /** Hash of a digest challenge, in lower case. */
  algorithm: 'md5' | 'sha-256';
  realm: string;
  nonce: string;
  opaque?: string;
  qop: boolean;
  /** The nonce was too old; the password may well be right. */
  stale: boolean;
}

const preference = ['digest sha-256', 'digest md5', 'basic md5'];

/** The strongest challenge that can be answered, or undefined. Each header value may hold one challenge. */
export function chooseChallenge(headers: string[]): Challenge | undefined {
  const challenges = headers.map(readChallenge).filter((challenge) => challenge !== undefined);
  const rank = (c: Challenge): number => preference.indexOf(`${c.scheme} ${c.algorithm}`);
  return challenges.sort((a, b) => rank(a) - rank(b))[0];
}

/** Whether these headers leave SHA-256 as the only way of signing in that can be answered. */
export function onlySha256(headers: string[]): boolean {
  const challenges = headers.map(readChallenge).filter((challenge) => challenge !== undefined);
  return challenges.length > 0 && challenges.every((challenge) => challenge.algorithm === 'sha-256');
}

function readChallenge(header: string): Challenge | undefined {
  const scheme = /^\s*(basic|digest)\b/i.exec(header)?.[1]?.toLowerCase();
  if (!scheme) return undefined;
  const parameters = new Map<string, string>();
  for (const match of header.matchAll(/([a-z-]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))/gi)) {
    parameters.set(match[1]!.toLowerCase(), match[2] ?? match[3] ?? '');
  }
  const algorithm = (parameters.get('algorithm') ?? 'md5').toLowerCase();
  if (algorithm !== 'md5' && algorithm !== 'sha-256') return undefined;
  const nonce = parameters.get('nonce') ?? '';
  if (scheme === 'digest' && nonce === '') return undefined;
  const opaque = parameters.get('opaque');
  return {
    scheme: scheme === 'digest' ? 'digest' : 'basic',
    algorithm: scheme === 'digest' ? algorithm : 'md5',
    realm: parameters.get('realm') ?? '',
    nonce,
    qop: /(^|[\s,])auth($|[\s,])/i.test(parameters.get('qop') ?? ''),
    stale: parameters.get('stale')?.toLowerCase() === 'true',
    ...(opaque === undefined ? {} : { opaque }),
  };
}

/** Value of the Authorization header that answers a challenge (RFC 7616, RFC 7617). */
export function answerChallenge(
  challenge: Challenge,
  request: { method: string; uri: string; user: string; password: string; clientNonce?: string },
): string {
  const { method, uri, user, password } = request;
  if (challenge.scheme === 'basic') return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const hash = (text: string): string =>
    createHash(challenge.algorithm === 'md5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const { realm, nonce } = challenge;
  const userHash = hash(`${user}:${realm}:${password}`);
  const requestHash = hash(`${method}:${uri}`);
  const fields = [
    `username="${user.replace(/["\\]/g, '\\$&')}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${uri}"`,
  ];
  if (challenge.qop) {
    const clientNonce = request.clientNonce ?? randomBytes(8).toString('hex');
    const count = '00000001';
    fields.push(`response="${hash(`${userHash}:${nonce}:${count}:${clientNonce}:auth:${requestHash}`)}"`);
    fields.push('qop=auth', `nc=${count}`, `cnonce="${clientNonce}"`);
  } else {
    fields.push(`response="${hash(`${userHash}:${nonce}:${requestHash}`)}"`);
  }
  // Older cameras do not know the parameter, and MD5 is what its absence means.
  if (challenge.algorithm !== 'md5') fields.push('algorithm=SHA-256');
  if (challenge.opaque !== undefined) fields.push(`opaque="${challenge.opaque}"`);
  return `Digest ${fields.join(', ')}`;
}
