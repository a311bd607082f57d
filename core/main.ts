import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from './config.ts';
import { RecentLog } from './log.ts';
import { watchLoop } from './plugin/loop-watch.ts';
import { takeStray } from './plugin/strays.ts';
import { BoxProcess } from './start/process.ts';

/** A clean stop must end within 10 s; what hangs after this many ms is left behind. */
const STOP_MS = 9_000;

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  version: string;
};

/** The process of the box: starts it, stops it cleanly on SIGTERM and SIGINT, ends when nothing is known to be whole. */
const box = new BoxProcess({
  version,
  environment: process.env,
  recentLog: new RecentLog(),
  answers: ({ address, fingerprint }, { dataFolder }) => {
    box.log.info({ address, data: dataFolder, version }, 'Gatehouse answers');
    process.stdout.write(`\n  Gatehouse ${version} answers at ${address}\n`);
    if (fingerprint) process.stdout.write(`  Certificate SHA-256: ${fingerprint}\n`);
    process.stdout.write('\n');
  },
  lost: cannotStart,
});

watchLoop(() => box.log);
process.on('unhandledRejection', (error) => {
  if (!takeStray(error)) box.log.error({ err: error }, 'a rejection nobody handled');
});
process.on('uncaughtException', (error) => {
  // A plugin that can be named is taken down by its host; the box goes on.
  if (takeStray(error)) return;
  // Nothing is known to be whole any more: the service manager starts a fresh process.
  box.log.fatal({ err: error }, 'an exception nobody caught');
  box.failed(error.message);
  process.exit(1);
});

let stopping = false;
function stop(signal: string): void {
  if (stopping) return;
  stopping = true;
  box.log.info({ signal }, 'stopping');
  setTimeout(() => {
    box.log.error('did not stop in time: leaving what hangs');
    process.exit(1);
  }, STOP_MS).unref();
  box.stop().then(
    () => {
      box.log.info('stopped');
      process.exit(0);
    },
    (error: Error) => {
      box.log.error({ err: error }, 'did not stop cleanly');
      process.exit(1);
    },
  );
}
process.on('SIGTERM', () => stop('SIGTERM'));
process.on('SIGINT', () => stop('SIGINT'));

function cannotStart(error: Error): void {
  process.stderr.write(`Gatehouse cannot start: ${error.message}\n`);
  if (!(error instanceof ConfigError) && process.env['GATEHOUSE_LOG_LEVEL'] === 'debug') {
    process.stderr.write(`${error.stack}\n`);
  }
  process.exit(1);
}

box.start().catch(cannotStart);
