import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { text } from '../../core/gateway/lenient.ts';
import { isMask, MASK } from '../../core/plugin/config.ts';

/**
 * Addresses of streams: `rtsp://user:password@host:port/path`, and `file:name` for a clip in the box's
 * own folder. Checked when they come in, masked when they go out.
 */

const MOST_CHARACTERS = 1000;
// What may stand in a name that is later joined to the clip folder; the vision worker confines it once more.
const CLIP_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
// Each character can be taken in one way only: a name that fits to its last letter must not cost minutes.
const DNS_NAME = /^(?=.{1,253}$)[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(\.[A-Za-z0-9_-]{1,63})*\.?$/;
const CONTROL = /[\p{Cc}\p{Cs}]/u;

/** Whether `host` is an IPv4 or IPv6 address (the latter in brackets or not) or a DNS name. */
export function isHost(host: string): boolean {
  if (/^[\d.]+$/.test(host)) return isIPv4(host);
  if (host.includes(':')) return isIPv6(host.replace(/^\[(.*)\]$/, '$1'));
  return DNS_NAME.test(host);
}

/**
 * Checks an address and gives it in its plain spelling (`@` inside a password becomes `%40`, and so on).
 * @returns the address, or what is wrong with it
 */
export function parseStreamUrl(value: string): { url: string } | { fault: string } {
  const trimmed = value.trim();
  if (/[\s\\]/u.test(trimmed) || CONTROL.test(trimmed)) {
    return { fault: 'must not contain blanks, back-slashes or control characters (write %20 for a blank)' };
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(trimmed)?.[1]?.toLowerCase();
  if (scheme === 'file') {
    const name = trimmed.slice('file:'.length);
    if (!CLIP_NAME.test(name)) return { fault: 'file: takes the plain name of a clip, for example file:yard.mp4' };
    return { url: `file:${name}` };
  }
  if (scheme === 'rtsps')
    return { fault: 'is rtsps, which is not available yet: use rtsp:// in a network of your own' };
  if (scheme !== 'rtsp') return { fault: 'must begin with rtsp:// or file:' };
  if (!/^rtsp:\/\//i.test(trimmed)) return { fault: 'must begin with rtsp://' };
  return parseNetworkUrl(trimmed);
}

function parseNetworkUrl(value: string): { url: string } | { fault: string } {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    return { fault: 'is not an address of the form rtsp://user:password@host:port/path' };
  }
  // A raw # / or ? in a password ends the host before its time, and the rest would be shown unmasked.
  if (url.hash !== '' || value.includes('#')) return { fault: 'must not contain # (write %23)' };
  if (url.pathname.includes('@') || url.search.includes('@')) {
    return { fault: 'has an @ behind the host: in a password write %2F for / and %3F for ?, elsewhere %40 for @' };
  }
  if (!isHost(url.hostname)) return { fault: 'has no valid host' };
  if (url.port === '0') return { fault: 'has port 0' };
  // Cameras and what plays their streams disagree about where such a host ends.
  if (url.search !== '' && url.pathname === '') return { fault: 'has a ? right behind the host: write /? instead' };
  for (const part of [url.username, url.password, url.pathname, url.search]) {
    let decoded: string;
    try {
      decoded = decodeURIComponent(part);
    } catch {
      return { fault: 'has a % that does not begin an escape (write %25)' };
    }
    if (CONTROL.test(decoded)) return { fault: 'must not contain control characters' };
  }
  if (url.href.length > MOST_CHARACTERS) return { fault: `is longer than ${MOST_CHARACTERS} characters` };
  return { url: url.href };
}

/** Request field for an address; only stars are let through and mean "unchanged". */
export function streamUrl() {
  return text({ min: 1, max: MOST_CHARACTERS }).transform((value, context) => {
    if (isMask(value.trim())) return MASK;
    const parsed = parseStreamUrl(value);
    if ('url' in parsed) return parsed.url;
    context.addIssue({ code: 'custom', message: parsed.fault });
    return z.NEVER;
  });
}

// --- masking ---------------------------------------------------------------------------------------------------

const USER_PASSWORD = /^rtsps?:\/\/[^:@/?]*:([^@/?]+)@/d;
// Some makers carry the login in the path or the query: /user=admin_password=secret_channel=1, ?password=secret
const NAMED_SECRET =
  /(?<=[/?&;_](?:password|passwd|pwd|pass|psw|token|auth)=)(?!_[a-z]+=)([^&;?]+?)(?=_[a-z]+=|[&;?]|$)/dgi;

/** Where an address holds secrets, in their order. */
function secrets(url: string): [from: number, to: number][] {
  const authority = /^rtsps?:\/\/[^/?]*/.exec(url)?.[0];
  if (authority === undefined) return [];
  const found: [number, number][] = [];
  const login = USER_PASSWORD.exec(url)?.indices?.[1];
  if (login) found.push(login);
  for (const match of url.matchAll(NAMED_SECRET)) {
    const place = match.indices?.[1];
    if (place && place[0] > authority.length) found.push(place);
  }
  return found;
}

function replaceSecrets(url: string, by: (secret: string, index: number) => string): string {
  let out = '';
  let at = 0;
  secrets(url).forEach(([from, to], index) => {
    out += url.slice(at, from) + by(url.slice(from, to), index);
    at = to;
  });
  return out + url.slice(at);
}

/** The address with every password in it replaced by `******`. */
export function maskStreamUrl(url: string): string {
  return replaceSecrets(url, () => MASK);
}

/** Scheme, user, host and port: whom a password is shown to. */
function addressee(url: string): string {
  const { protocol, username, host } = new URL(url);
  return [protocol, username, host.toLowerCase()].join(' ');
}

/**
 * An address as it was sent back by somebody who only saw it masked: passwords of stars become those that are stored.
 * They are only ever sent to where they belong: with another host, port or user they must be entered again.
 * @param sent as `streamUrl()` gives it
 * @param stored undefined where nothing is stored
 * @throws ContractError `wrongParameter` when there is nothing to put in place of the stars
 */
export function withStoredSecrets(sent: string, stored: string | undefined): string {
  const again = (why: string) => new ContractError(CODE.wrongParameter, `url: enter the password again: ${why}`);
  if (isMask(sent)) {
    if (stored === undefined) throw again('no address is stored');
    return stored;
  }
  const masked = secrets(sent).some(([from, to]) => isMask(sent.slice(from, to)));
  if (!masked) return sent;
  if (stored === undefined) throw again('none is stored');
  if (!stored.startsWith('rtsp') || addressee(sent) !== addressee(stored)) throw again('the address is another one');
  const known = secrets(stored).map(([from, to]) => stored.slice(from, to));
  if (known.length !== secrets(sent).length) throw again('the address has another form');
  return replaceSecrets(sent, (secret, index) => (isMask(secret) ? known[index]! : secret));
}
