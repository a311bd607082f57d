import { createPublicKey, webcrypto } from 'node:crypto';
import { hostname, networkInterfaces } from 'node:os';

/**
 * Makes the authority of a box and the certificates it signs. People install the authority on their telephones and
 * computers, so it is bound to names and addresses a local network has: whoever steals its key cannot use it to stand
 * in for others on the internet.
 */

/** This software was written later than that: a clock that says less is wrong, as that of a box without a battery is. */
export const WRITTEN = Date.UTC(2026, 10, 1);

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
/** The most that Apple's systems take from an authority that a user installed is 825. */
const LEAF_DAYS = 820;
/** A box whose clock starts a day late must not refuse its own certificate. */
const BEFORE_MS = 2 * DAY_MS;
/** A certificate with less than this left is signed anew at the next start, ms. */
const RENEW_MS = 200 * DAY_MS;

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const NAME_CONSTRAINTS = '2.5.29.30';

/** Names that no public authority gives out, and networks that are nobody's on the internet. */
const LOCAL_NAMES = ['localhost', 'local', 'lan', 'home', 'internal', 'intranet', 'home.arpa'];
const LOCAL_4: [string, number][] = [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
];
const LOCAL_6: [number[], number][] = [
  [[0xfc], 7],
  [[0xfe, 0x80], 10],
  [[...Array.from({ length: 15 }, () => 0), 1], 128],
];

/** Certificate and key as PEM. */
export interface Pair {
  cert: string;
  key: string;
}

export interface BoxName {
  type: 'dns' | 'ip';
  value: string;
}

/** Names and addresses the box answers to at this moment. */
export function ownNames(): BoxName[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((one) => !one.address.startsWith('fe80'))
    .map((one) => ({ type: 'ip' as const, value: one.address }));
  const names = [...new Set(['localhost', hostname(), ...(hostname().includes('.') ? [] : [`${hostname()}.local`])])];
  return [...names.map((value) => ({ type: 'dns' as const, value })), ...addresses];
}

/**
 * An authority of its own for this box. It is valid since the software was written: where the clock is ahead at the first
 * start, people who trust it go on doing so once the clock is right.
 * @param names what the box is called today, beside local names
 */
export async function makeAuthority(names: BoxName[], now: number): Promise<Pair> {
  const x509 = await library();
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    // Of several boxes that somebody trusts, each has its own name.
    name: `CN=Gatehouse ${hostname()
      .replace(/[^A-Za-z0-9.-]/g, '')
      .slice(0, 40)} CA`,
    keys: keys as CryptoKeyPair,
    signingAlgorithm: ALGORITHM,
    ...validity(Math.min(now, WRITTEN), now + AUTHORITY_DAYS * DAY_MS),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      new x509.Extension(NAME_CONSTRAINTS, true, permitted(names)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey as CryptoKey),
    ],
  });
  return { cert: certificate.toString('pem'), key: await exported(keys.privateKey) };
}

/** A key for the box itself, as PEM. */
export async function makeKey(): Promise<string> {
  const { privateKey } = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  return exported(privateKey);
}

/** A certificate for a key of the box, signed by its authority; as PEM. */
export async function sign(authority: Pair, key: string, names: BoxName[], now: number): Promise<string> {
  const x509 = await library();
  const issuer = new x509.X509Certificate(authority.cert);
  const publicKey = await webcrypto.subtle.importKey(
    'spki',
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    ALGORITHM,
    true,
    ['verify'],
  );
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=Gatehouse',
    issuer: issuer.subject,
    publicKey: publicKey as CryptoKey,
    signingKey: (await imported(authority.key)) as CryptoKey,
    signingAlgorithm: ALGORITHM,
    ...validity(now, now + LEAF_DAYS * DAY_MS),
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return certificate.toString('pem');
}

/** Whether a certificate that ends then is signed anew. */
export function isDue(validTo: Date, now: number): boolean {
  return validTo.getTime() - now < RENEW_MS;
}

async function library() {
  // Loaded only here: a box makes certificates a few times in its life.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto as Crypto);
  return x509;
}

function validity(from: number, to: number) {
  return { notBefore: new Date(from - BEFORE_MS), notAfter: new Date(to - BEFORE_MS) };
}

/** `NameConstraints` with the permitted subtrees alone (RFC 5280, 4.2.1.10), DER. */
function permitted(names: BoxName[]): Uint8Array<ArrayBuffer> {
  const dns = [...LOCAL_NAMES, ...names.filter(({ type }) => type === 'dns').map(({ value }) => value)];
  const own = names.filter(({ type }) => type === 'ip').map(({ value }) => addressBytes(value));
  const networks = [
    ...LOCAL_4.map(([first, bits]) => masked(addressBytes(first), bits)),
    ...LOCAL_6.map(([first, bits]) => masked([...first, ...Array.from({ length: 16 - first.length }, () => 0)], bits)),
    ...own.map((bytes) => masked(bytes, 8 * bytes.length)),
  ];
  const subtrees = [
    ...[...new Set(dns)].map((name) => der(0x82, [...Buffer.from(name, 'latin1')])),
    ...networks.map((bytes) => der(0x87, bytes)),
  ].map((base) => der(0x30, base));
  return Uint8Array.from(der(0x30, der(0xa0, subtrees.flat())));
}

function der(tag: number, content: number[]): number[] {
  const { length } = content;
  if (length < 0x80) return [tag, length, ...content];
  if (length < 0x100) return [tag, 0x81, length, ...content];
  return [tag, 0x82, length >> 8, length & 0xff, ...content];
}

/** An address followed by the mask of its network. */
function masked(address: number[], bits: number): number[] {
  const mask = address.map((_, i) => (0xff << (8 - Math.min(8, Math.max(0, bits - 8 * i)))) & 0xff);
  return [...address, ...mask];
}

function addressBytes(address: string): number[] {
  if (!address.includes(':')) return address.split('.').map(Number);
  const [before = '', after = ''] = address.split('%')[0]?.split('::') ?? [];
  const words = (part: string) => (part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16)));
  const [start, end] = [words(before), words(after)];
  const gap = Array.from({ length: 8 - start.length - end.length }, () => 0);
  return [...start, ...gap, ...end].flatMap((word) => [word >> 8, word & 0xff]);
}

async function exported(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${(der.match(/.{1,64}/g) ?? []).join('\n')}\n-----END PRIVATE KEY-----\n`;
}

function imported(key: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(key.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  return webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
}
