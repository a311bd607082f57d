import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Store } from '../../core/store/database.ts';

const KEY = 'device.serial';
const serialNumber = z.string().regex(/^GH[0-9A-F]{12}$/);

/**
 * The serial number of this box: drawn at its first start, the same ever after, whatever hardware it moves to.
 * @throws Error when the stored one is damaged: a box must not change its identity silently
 */
export async function serialOf(store: Pick<Store, 'settings'>): Promise<string> {
  const known = store.settings.get(KEY, serialNumber);
  if (known !== undefined) return known;
  const drawn = `GH${randomBytes(6).toString('hex').toUpperCase()}`;
  await store.settings.set(KEY, drawn);
  return drawn;
}
