import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { AddressError, type AddressRules, addressFault, checkedLookup, hostOf } from '../../core/net/addresses.ts';

/**
 * Where a browser says it is reached. Every account may name one, so it is trusted less than the receivers of other
 * pushes: https, the usual port, and an address of the internet.
 */

export const LONGEST_ENDPOINT = 1000;

const PRIVATE = new BlockList();
PRIVATE.addSubnet('10.0.0.0', 8, 'ipv4');
PRIVATE.addSubnet('172.16.0.0', 12, 'ipv4');
PRIVATE.addSubnet('192.168.0.0', 16, 'ipv4');
PRIVATE.addSubnet('100.64.0.0', 10, 'ipv4');
PRIVATE.addSubnet('192.0.0.0', 24, 'ipv4');
PRIVATE.addSubnet('198.18.0.0', 15, 'ipv4');
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
// What stands for an IPv4 address has no business in the name of a push service.
PRIVATE.addSubnet('::ffff:0:0', 96, 'ipv6');
PRIVATE.addSubnet('64:ff9b::', 96, 'ipv6');
PRIVATE.addSubnet('2002::', 16, 'ipv6');

/** Why an IP address is none of a push service; undefined where it may be one. */
export function publicFault(address: string, rules: AddressRules): string | undefined {
  const fault = addressFault(address, rules);
  if (fault) return fault;
  const loopback = rules.allowLoopback && addressFault(address, { allowLoopback: false }) !== undefined;
  if (!loopback && PRIVATE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')) {
    return `${address} is an address of a local network, where no push service stands`;
  }
  return undefined;
}

/** @throws AddressError for what cannot be the endpoint of a push service */
export function endpointUrl(text: string, rules: AddressRules): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new AddressError('the endpoint is no address');
  }
  if (text.length > LONGEST_ENDPOINT) throw new AddressError('the endpoint is too long');
  if (url.protocol !== 'https:') throw new AddressError('the endpoint must begin with https://');
  if (url.username || url.password) throw new AddressError('the endpoint must not hold a login');
  if (url.port !== '' && !rules.allowLoopback) throw new AddressError('the endpoint must have the usual port');
  const host = hostOf(url);
  const fault = isIP(host) ? publicFault(host, rules) : undefined;
  if (fault) throw new AddressError(fault);
  return url;
}

/** Looks names up for a connection, and gives only addresses of the internet. */
export function publicLookup(rules: AddressRules): LookupFunction {
  const resolve = (
    name: string,
    options: LookupOptions,
    done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
  ) => {
    lookup(name, { ...options, all: true }, (error, addresses) => {
      const fault = (addresses ?? []).map(({ address }) => publicFault(address, rules)).find(Boolean);
      done(error ?? (fault ? new AddressError(`${name}: ${fault}`) : null), addresses);
    });
  };
  return checkedLookup(rules, resolve as typeof lookup);
}
