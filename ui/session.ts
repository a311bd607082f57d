import { computed, signal } from '@preact/signals';
import { call, whenSignedOut } from './api.ts';
import type { Boot, Me } from './contract.ts';
import { loadTexts } from './i18n.ts';
import { live } from './live.ts';
import { setZone } from './zone.ts';

/** Who is signed in and what the box offers them. */

/** Undefined until the box answered for the first time. */
export const boot = signal<Boot | undefined>(undefined);
/** The session ended without anybody asking: the login page says so. */
export const sessionEnded = signal(false);

export const me = computed<Me | undefined>(() => {
  const answer = boot.value;
  if (!answer?.user) return undefined;
  const { id, name, role, imageRight } = answer.user;
  const can: Me['can'] = (area, action) => {
    const right = answer.rights[area];
    return right === 'change' || (right === 'see' && action === 'see');
  };
  return { id, name, role, imageRight, can };
});

/** Reads `boot.json` and the texts it needs, and opens or closes the live connection. */
export async function readBoot(): Promise<Boot> {
  const answer = await call<Boot>('/ui/boot.json', { timeout: 10_000 });
  const before = boot.peek();
  // Modules of another version must not be mixed with those already loaded.
  if (before && before.version !== answer.version) location.reload();
  setZone(answer.zone);
  await loadTexts([...new Set([...answer.pages, ...answer.widgets].map((part) => part.plugin))]);
  boot.value = answer;
  if (answer.user) sessionEnded.value = false;
  if (answer.user && !answer.user.mustChangePassword) live.open();
  else live.close();
  return answer;
}

function signedOut(): void {
  const answer = boot.peek();
  if (!answer?.user) return;
  live.close();
  sessionEnded.value = true;
  boot.value = { ...answer, user: null, rights: {}, pages: [], widgets: [] };
}

export async function signOut(): Promise<void> {
  await call('/p/users/logout', { method: 'POST', body: {} });
  await readBoot();
}

whenSignedOut(signedOut);
live.onSessionEnded = signedOut;
// A restarted box may have another version, other plugins, or have forgotten the session.
live.onReconnected = () => void readBoot().catch(() => {});
live.onRefused = () =>
  void readBoot()
    .then(({ user }) => {
      // It ended while this tab was away, asleep for example.
      if (!user) sessionEnded.value = true;
    })
    .catch(() => {});

/** A plugin that starts anew takes its pages away and brings them back: only what is left of that counts, ms. */
const SETTLE = 500;
let settling: ReturnType<typeof setTimeout> | undefined;
live.onChanged('core', () => {
  clearTimeout(settling);
  settling = setTimeout(() => void readBoot().catch(() => {}), SETTLE);
});
