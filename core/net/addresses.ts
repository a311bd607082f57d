import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';

/**
 * Where the box may send to on its own. Somebody who may set up a receiver chooses the address, so the box must not
 * become a way to what only it can reach: its own services, and the ones that clouds put on link-local addresses.
 * Addresses of the local network are allowed: that is where receivers stand.
 */

export interface AddressRules {
  /** Loopback addresses are allowed (`GATEHOUSE_ALLOW_LOOPBACK_PUSH`). */
  allowLoopback: boolean;
}

/** The address must not be sent to; the message says why. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

type Kind = 'loopback' | 'link-local' | 'metadata' | 'unspecified' | 'multicast' | 'reserved';

/** IPv4 networks: first address, length of the prefix. */
const NETWORKS_4: [string, number, Kind][] = [
  ['0.0.0.0', 8, 'unspecified'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local'],
  ['100.100.100.200', 32, 'metadata'],
  ['168.63.129.16', 32, 'metadata'],
  ['192.0.0.192', 32, 'metadata'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
];

const NETWORKS_6: [string, number, Kind][] = [
  ['::', 128, 'unspecified'],
  ['::1', 128, 'loopback'],
  // Where clouds tell programs their secrets: AWS, Oracle, Google, Scaleway.
  ['fd00:ec2::254', 128, 'metadata'],
  ['fd00:c1::a9fe:a9fe', 128, 'metadata'],
  ['fd20:ce::254', 128, 'metadata'],
  ['fd00:42::42', 128, 'metadata'],
  // They stand for an IPv4 address, which lies where nobody but the translator knows, or is turned around.
  ['64:ff9b:1::', 48, 'reserved'],
  ['2001::', 32, 'reserved'],
  ['100::', 64, 'reserved'],
  ['fe80::', 10, 'link-local'],
  ['fec0::', 10, 'reserved'],
  ['ff00::', 8, 'multicast'],
];

/** IPv6 networks whose addresses stand for an IPv4 one, and at which of the eight words that begins. */
const CARRIERS: [string, number, number][] = [
  ['::ffff:0:0', 96, 6],
  ['::', 96, 6],
  ['::ffff:0:0:0', 96, 6],
  ['64:ff9b::', 96, 6],
  ['2002::', 16, 1],
];

/** Why an IP address must not be sent to; undefined where it may be. */
export function addressFault(address: string, { allowLoopback }: AddressRules): string | undefined {
  const kind = kindOf(address.replace(/%.*$/, ''));
  if (kind === undefined || (kind === 'loopback' && allowLoopback)) return undefined;
  const how = kind === 'loopback' ? '; GATEHOUSE_ALLOW_LOOPBACK_PUSH=1 allows it' : '';
  return `${address} is a ${kind} address, which nothing is sent to${how}`;
}

function kindOf(address: string): Kind | undefined {
  if (isIP(address) === 4) return inside(words4(address), NETWORKS_4, words4);
  if (isIP(address) !== 6) return 'reserved';
  const words = words6(address);
  const own = inside(words, NETWORKS_6, words6);
  if (own) return own;
  for (const [first, length, at] of CARRIERS) {
    if (!within(words, words6(first), length)) continue;
    return inside(words.slice(at, at + 2), NETWORKS_4, words4);
  }
  return undefined;
}

function inside(words: number[], networks: [string, number, Kind][], parse: (text: string) => number[]) {
  return networks.find(([first, length]) => within(words, parse(first), length))?.[2];
}

/** The first `length` bits are the same. */
function within(words: number[], network: number[], length: number): boolean {
  return words.every((word, i) => {
    const bits = Math.min(16, Math.max(0, length - 16 * i));
    const mask = (0xffff << (16 - bits)) & 0xffff;
    return ((word ^ (network[i] ?? 0)) & mask) === 0;
  });
}

function words4(address: string): number[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}

/** The eight words of an IPv6 address, also of one whose end is written like IPv4. */
function words6(address: string): number[] {
  const dotted = /[0-9.]+$/.exec(address)?.[0] ?? '';
  const tail = dotted.includes('.')
    ? words4(dotted)
        .map((word) => word.toString(16))
        .join(':')
    : undefined;
  const text = tail === undefined ? address : address.slice(0, -dotted.length) + tail;
  const [before = '', after] = text.split('::');
  const parse = (part: string) => (part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16)));
  const [start, end] = [parse(before), parse(after ?? '')];
  const gap = after === undefined ? 0 : 8 - start.length - end.length;
  return [...start, ...Array.from({ length: gap }, () => 0), ...end];
}

/**
 * An address to push to, as somebody entered it. A missing scheme is taken as http.
 * @throws AddressError for anything but http and https, for a login within it, and for an IP address that is not allowed
 */
export function pushUrl(text: string, rules: AddressRules): URL {
  const trimmed = text.trim();
  let url: URL;
  try {
    url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`);
  } catch {
    throw new AddressError('this is no address: enter one like https://receiver.example/push');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new AddressError('only http and https are possible');
  if (url.username || url.password) throw new AddressError('the address must not hold a login: it would be shown');
  const host = hostOf(url);
  const fault = isIP(host) ? addressFault(host, rules) : undefined;
  if (fault) throw new AddressError(fault);
  url.hash = '';
  return url;
}

/** The host of an address, an IPv6 one without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

/**
 * Looks names up for a connection (`lookup` of `net.connect`) and gives only addresses that may be sent to. The
 * connection goes to the very address that was checked, so a name cannot mean another one a moment later.
 * Where some of a name's addresses are not allowed, none is: such an answer is no honest one.
 *
 * It is not asked for IP addresses: check those with `addressFault`.
 */
export function checkedLookup(rules: AddressRules, resolve: typeof lookup = lookup): LookupFunction {
  return (hostname, options: LookupOptions, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const [first] = addresses ?? [];
      if (error || !first) {
        done(error ?? new AddressError(`${hostname} has no address`), '', 0);
        return;
      }
      const fault = addresses.map(({ address }) => addressFault(address, rules)).find(Boolean);
      if (fault) done(new AddressError(`${hostname}: ${fault}`), '', 0);
      else if (options.all) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}
