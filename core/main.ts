import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBox } from './box.ts';
import { ConfigError, loadConfig } from './config.ts';
import { createLog, RecentLog } from './log.ts';

/** A clean stop must end within 10 s; what hangs after this many ms is left behind. */
const STOP_MS = 9_000;

/** The process of the box: reads the configuration, starts it, stops it cleanly on SIGTERM and SIGINT. */
async function main(): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
    version: string;
  };
  const installed = process.env['GATEHOUSE_INSTALLED'] === '1';
  const config = loadConfig(process.env, installed);
  const recentLog = new RecentLog();
  const log = createLog(config.logLevel, recentLog);
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a rejection nobody handled'));
  process.on('uncaughtException', (error) => {
    // Nothing is known to be whole any more: the service manager starts a fresh process.
    log.fatal({ err: error }, 'an exception nobody caught');
    process.exit(1);
  });

  const box = await startBox({ config, version, log, recentLog });
  log.info({ address: box.address, data: config.dataFolder, version }, 'Gatehouse answers');
  process.stdout.write(`\n  Gatehouse ${version} answers at ${box.address}\n`);
  if (box.fingerprint) process.stdout.write(`  Certificate SHA-256: ${box.fingerprint}\n`);
  process.stdout.write('\n');

  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => {
      log.error('did not stop in time: leaving what hangs');
      process.exit(1);
    }, STOP_MS).unref();
    box.stop().then(
      () => {
        log.info('stopped');
        process.exit(0);
      },
      (error: Error) => {
        log.error({ err: error }, 'did not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
}

main().catch((error: Error) => {
  process.stderr.write(`Gatehouse cannot start: ${error.message}\n`);
  if (!(error instanceof ConfigError) && process.env['GATEHOUSE_LOG_LEVEL'] === 'debug') {
    process.stderr.write(`${error.stack}\n`);
  }
  process.exit(1);
});
