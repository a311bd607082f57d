import type { I18n } from '../../../ui/contract.ts';

/** Addresses of streams as people paste them. The box checks them again, and more strictly. */

/**
 * What is plainly wrong with an address, as a sentence; undefined when it is worth asking the box.
 */
export function addressFault({ t }: I18n, address: string): string | undefined {
  const url = address.trim();
  if (url === '') return t('address.missing');
  if (/\s/.test(url)) return t('address.blanks');
  if (/^file:/i.test(url)) return undefined;
  if (!/^rtsp:\/\//i.test(url)) return t('address.scheme');
  if (url.includes('#')) return t('address.hash');
  if (hostOf(url) === '') return t('address.host');
  return undefined;
}

/** Host of an address, without user, password and port; empty where there is none. */
export function hostOf(address: string): string {
  const authority = /^rtsps?:\/\/([^/?]*)/i.exec(address.trim())?.[1] ?? '';
  return authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '');
}

/** A first name for a camera: `front-door.lan` is "Front door", an IP address says where it is. */
export function suggestName({ t }: I18n, address: string): string {
  const clip = /^file:([^/]+?)(\.[a-z0-9]+)?$/i.exec(address.trim())?.[1];
  const host = clip ?? hostOf(address);
  if (host === '') return '';
  if (/^[\d.]+$/.test(host) || host.startsWith('[')) return t('name.byAddress', { host });
  const label = (clip ?? host.split('.')[0] ?? '').replace(/[-_]+/g, ' ').trim();
  return label.charAt(0).toUpperCase() + label.slice(1);
}
