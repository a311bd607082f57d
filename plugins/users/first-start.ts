import { count } from 'drizzle-orm';
import type { PluginContext } from '../../core/plugin/contract.ts';
import type { PasswordHasher } from './password-hash.ts';
import { oneTimePassword, passwordFault } from './password-rule.ts';
import { users } from './tables.ts';

const NAME = 'admin';

/**
 * Makes the super admin of a box without accounts: with the password of the environment, or with a generated one that
 * is printed once and must be changed.
 * @param print writes to the terminal, past the log: a log is kept, and this must not be
 * @throws Error when the given password breaks the rule
 */
export async function ensureSuperAdmin(
  ctx: Pick<PluginContext, 'store' | 'clock' | 'firstStart'>,
  hasher: PasswordHasher,
  print: (text: string) => void,
): Promise<void> {
  const { store, clock, firstStart } = ctx;
  if (store.read.select({ number: count() }).from(users).get()?.number) return;
  const given = firstStart.adminPassword;
  const fault = given === undefined ? undefined : passwordFault(given.normalize('NFC'));
  if (fault) throw new Error(`GATEHOUSE_ADMIN_PASSWORD cannot be used: ${fault}`);
  const password = given ?? oneTimePassword();
  const passwordHash = await hasher.hash(password);
  await store.write((tx) =>
    tx
      .insert(users)
      .values({
        name: NAME,
        role: 'super-admin',
        passwordHash,
        passwordVersion: 1,
        mustChangePassword: given === undefined,
        isAuthed: true,
        imageRight: true,
        createdAt: clock.now(),
      })
      .run(),
  );
  if (given === undefined) print(announcement(password));
}

function announcement(password: string): string {
  return [
    '',
    `  First start. Sign in as "${NAME}" with this one-time password: ${password}`,
    '  It must be changed at the first login and is not shown again.',
    `  If it is lost: npm run users -- reset ${NAME}`,
    '',
    '',
  ].join('\n');
}
