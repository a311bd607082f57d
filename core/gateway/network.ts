import { isIPv6 } from 'node:net';

/**
 * What stands for a source address where tries are counted: an IPv4 address itself, of IPv6 the first 64 bits, since
 * every host may choose the others freely.
 */
export function networkOf(source: string): string {
  const address = source.split('%')[0] ?? '';
  if (!isIPv6(address)) return source.slice(0, 64);
  const [head = '', tail] = address.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  // An IPv4 address at the end takes the room of two groups.
  const written = left.length + right.length + (address.includes('.') ? 1 : 0);
  const zeros = tail === undefined ? 0 : 8 - written;
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
