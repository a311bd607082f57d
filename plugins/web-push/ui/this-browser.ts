/** What the browser itself can do, and its subscription. */

/** Why there can be no notifications here, or `ready`. */
export type Ability = 'ready' | 'insecure' | 'home-screen' | 'unsupported' | 'denied';

export function ability(): Ability {
  if (!window.isSecureContext) return 'insecure';
  if (!('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window)) {
    // There only an app on the home screen may.
    return isApplePhone() ? 'home-screen' : 'unsupported';
  }
  return Notification.permission === 'denied' ? 'denied' : 'ready';
}

/** An iPhone or iPad; iPads call themselves a Mac, but a Mac has no screen to touch. */
export function isApplePhone({ userAgent, maxTouchPoints } = navigator): boolean {
  return /iPhone|iPad/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
}

/** The subscription there is. */
export async function present(): Promise<PushSubscription | undefined> {
  if (ability() !== 'ready') return undefined;
  const registration = await navigator.serviceWorker.getRegistration('/');
  return (await registration?.pushManager.getSubscription()) ?? undefined;
}

/**
 * Asks for leave and subscribes to this box. Call it from a click: browsers ask nobody otherwise.
 * @param publicKey of the box, base64url
 * @throws Error with a `name` of the browser's: NotAllowedError, AbortError (its push service cannot be reached), …
 */
export async function subscribe(publicKey: string): Promise<PushSubscription> {
  const permission = await Notification.requestPermission();
  if (permission !== 'granted') throw new DOMException('not allowed', 'NotAllowedError');
  await navigator.serviceWorker.register('/service-worker.js', { scope: '/' });
  const { pushManager } = await navigator.serviceWorker.ready;
  const key = bytesOf(publicKey);
  // One for another box at this address, or for keys this box has lost.
  const old = await pushManager.getSubscription();
  if (old && !same(old.options.applicationServerKey, key)) await old.unsubscribe();
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

/** As the box takes it. */
export function described(subscription: PushSubscription): {
  endpoint: string;
  keys: { p256dh: string; auth: string };
} {
  const { endpoint = '', keys = {} } = subscription.toJSON();
  return { endpoint, keys: { p256dh: keys['p256dh'] ?? '', auth: keys['auth'] ?? '' } };
}

/** "Chrome, Android", for the list. */
export function browserName(agent = navigator.userAgent, phone = isApplePhone()): string {
  const found = (names: [RegExp, string][]) => names.find(([pattern]) => pattern.test(agent))?.[1];
  const browser = found([
    [/Edg\//, 'Edge'],
    [/Firefox\//, 'Firefox'],
    [/Chrome\//, 'Chrome'],
    [/Safari\//, 'Safari'],
  ]);
  const system = found([
    [/Android/, 'Android'],
    [/iPhone/, 'iPhone'],
    [/iPad/, 'iPad'],
    [/Windows/, 'Windows'],
    [/Mac OS/, phone ? 'iPad' : 'macOS'],
    [/Linux/, 'Linux'],
  ]);
  return [browser ?? 'Browser', system].filter(Boolean).join(', ');
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function same(one: ArrayBuffer | null, other: Uint8Array): boolean {
  const bytes = new Uint8Array(one ?? new ArrayBuffer(0));
  return bytes.length === other.length && bytes.every((byte, i) => byte === other[i]);
}
