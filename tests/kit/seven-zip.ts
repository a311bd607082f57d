import { execFileSync, spawnSync } from 'node:child_process';

/** What people open exports with: Debian's 7-Zip, which `system/setup.sh --test` installs. */
const PROGRAM = ['7zz', '7z'].find((one) => !spawnSync(one, ['i'], { stdio: 'ignore' }).error);

function program(): string {
  if (!PROGRAM) throw new Error('7-Zip is not installed: system/setup.sh --test installs it');
  return PROGRAM;
}

/** Unpacks an encrypted archive into a folder. @throws Error where it is damaged, or the password is another one */
export function unpack(archive: string, password: string, folder: string): void {
  execFileSync(program(), ['x', `-p${password}`, `-o${folder}`, '-y', archive], { stdio: 'pipe' });
}

/** Whether every entry of an archive opens with a password. */
export function opensWith(archive: string, password: string): boolean {
  return spawnSync(program(), ['t', `-p${password}`, archive], { stdio: 'ignore' }).status === 0;
}
