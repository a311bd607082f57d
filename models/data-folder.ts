import { readFileSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';

/** The folder with everything the box keeps. */

type Environment = Record<string, string | undefined>;

export function dataFolderOf(environment: Environment): string {
  return resolve(environment['GATEHOUSE_DATA_DIR'] || 'data');
}

/** Where `system/install-service.sh` puts the service. */
const SERVICE = '/etc/systemd/system/gatehouse.service';
const PROGRAM = resolve(import.meta.dirname, '..');

/**
 * The folder that commands of the console work on: the one they are told, else that of the box which is installed from
 * this program, else `data`. The box names these commands to its users, who need not know where it keeps its data.
 */
export function consoleDataFolder(environment: Environment, service = SERVICE, program = PROGRAM): string {
  if (environment['GATEHOUSE_DATA_DIR']) return dataFolderOf(environment);
  return installedDataFolder(service, program) ?? resolve(program, 'data');
}

function installedDataFolder(service: string, program: string): string | undefined {
  try {
    const text = readFileSync(service, 'utf8');
    const own = /^WorkingDirectory=(.+)$/m.exec(text)?.[1] ?? '';
    if (realpathSync(own) !== realpathSync(program)) return undefined;
    return /^Environment=GATEHOUSE_DATA_DIR=(.+)$/m.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

/** What a command of the console says of a fault; a folder of another user's wants that user. */
export function consoleFault(error: Error): string {
  const refused = 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
  return refused ? `${error.message}\nThe data belongs to another user: run this with sudo.` : error.message;
}
