import webPush from 'web-push';
import { z } from 'zod';
import type { Store } from '../../core/store/database.ts';
import { SecretError } from '../../core/store/secrets.ts';

/** The keys by which push services know this box (RFC 8292), base64url. Browsers are bound to the public one. */
export interface ServerKeys {
  publicKey: string;
  privateKey: string;
}

const SETTING = 'web-push.keys';
const schema = z.object({ publicKey: z.string().length(87), privateKey: z.string().length(43) });

/**
 * The keys of the box, made at the first start and sealed.
 * @param lost told where kept ones cannot be read, so that no browser can be pushed to by them any more
 */
export async function serverKeys(store: Store, lost: () => Promise<void>): Promise<ServerKeys> {
  try {
    const kept = store.settings.get(SETTING, schema);
    if (kept) return kept;
  } catch (error) {
    // Sealed with the key of another box: put back from a copy without its secret.key.
    if (!(error instanceof SecretError)) throw error;
    await lost();
  }
  const made = webPush.generateVAPIDKeys();
  await store.settings.set(SETTING, made, { sealed: true });
  return made;
}
