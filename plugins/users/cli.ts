import { consoleDataFolder, consoleFault } from '../../models/data-folder.ts';
import { listUsers, resetPassword } from './console.ts';
import { PasswordHasher } from './password-hash.ts';

/** `npm run users -- list` and `npm run users -- reset <name>`. */

const USAGE = `Accounts of the box, from its console. The box may run or not.

  npm run users -- list
  npm run users -- reset <name>    sets a one-time password, opens locks, ends the user's sessions

The data folder is GATEHOUSE_DATA_DIR, else that of the box that is installed from this program, else ./data.
`;

async function main([command, name, ...more]: string[]): Promise<number> {
  const folder = consoleDataFolder(process.env);
  if (command === 'list' && name === undefined) {
    for (const user of listUsers(folder)) {
      const login = user.last_login_at === null ? 'never' : new Date(user.last_login_at).toISOString();
      const note = user.must_change_password ? ', must change the password' : '';
      process.stdout.write(`${user.name}  ${user.role}  last login ${login}${note}\n`);
    }
    return 0;
  }
  if (command === 'reset' && name !== undefined && more.length === 0) {
    const password = await resetPassword(folder, name, new PasswordHasher(), Date.now());
    process.stdout.write(
      `One-time password of "${name}": ${password}\nIt must be changed at the next login. Data: ${folder}\n`,
    );
    return 0;
  }
  process.stderr.write(USAGE);
  return 2;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`${consoleFault(error)}\n`);
    process.exitCode = 1;
  },
);
