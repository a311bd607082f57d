import { definePlugin, type PluginContext, type PluginParts, provide } from '../../core/plugin/contract.ts';
import { outbox } from '../../core/plugin/push-services.ts';
import { accounts, sessions } from '../../core/plugin/services.ts';
import { Administration } from './administration.ts';
import { Captchas } from './captcha.ts';
import { ConsoleWatch } from './console-watch.ts';
import { Directory } from './directory.ts';
import { ensureSuperAdmin } from './first-start.ts';
import { LoginGuard } from './login-guard.ts';
import { messages } from './messages.ts';
import { PasswordHasher } from './password-hash.ts';
import { routes } from './routes.ts';
import { SignIn } from './sign-in.ts';
import * as tables from './tables.ts';

const use = { sessions, outbox };

/**
 * Puts the plugin together.
 * @param print writes the password of the first start to the terminal
 * @throws Error when the password given for the first start cannot be used
 */
export async function setUp(
  ctx: PluginContext<unknown, typeof use>,
  hasher: PasswordHasher = new PasswordHasher(),
  print: (text: string) => void = (text) => void process.stdout.write(text),
): Promise<PluginParts<unknown>> {
  await ensureSuperAdmin(ctx, hasher, print);
  const steady = () => ctx.clock.steady();
  const directory = new Directory(ctx.store);
  const guard = new LoginGuard(steady, () => ctx.clock.now());
  const captchas = new Captchas(steady);
  const shared = { ctx, ...ctx.use, directory, hasher, guard };
  const watch = new ConsoleWatch(shared);
  const administration = new Administration(shared);

  const logins = ctx.metrics.counter('password_checks_total', 'Password checks by how they ended', ['result']);
  ctx.metrics.gauge('password_hashes_waiting', 'Password hashes waiting for their turn', () => hasher.waiting);
  ctx.metrics.gauge('failure_counters', 'Counters of failed logins held', () => guard.size);
  const signIn = new SignIn({
    ...shared,
    captchas,
    refresh: () => watch.check(),
    count: (result) => logins.inc({ result }),
  });

  const parts = { signIn, administration, directory, captchas, guard };
  return {
    messages: messages(parts),
    routes: routes(parts),
    services: [provide(accounts, directory)],
    start: () => watch.start(),
    stop: () => watch.stop(),
  };
}

/** Accounts of the box: who may sign in, with which role and rights. */
export default definePlugin({
  use,
  tables,
  ui: {
    pages: [
      {
        id: 'users',
        slot: 'settings',
        title: 'users.title',
        module: 'users.ts',
        access: { area: 'accounts', action: 'see' },
        order: 2,
      },
    ],
  },
  setup: (ctx) => setUp(ctx),
});
