import { spawnSync } from 'node:child_process';
import { DatabaseUnusable } from './errors.js';

/** The operating system's user that the server runs as; empty where it runs as whoever runs the host. */
export interface OsUser {
  readonly uid?: number;
  readonly gid?: number;
}

const NAME = 'postgres';

function idOf(flag: '-u' | '-g'): number | null {
  const { status, stdout } = spawnSync('id', [flag, NAME], { encoding: 'utf8' });
  return status === 0 ? Number.parseInt(stdout, 10) : null;
}

/**
 * PostgreSQL refuses to run as root: as root it runs as the user `postgres`, which is made where it is missing.
 * @throws DatabaseUnusable `no-os-user` where it can't be made
 */
export function databaseUser(): OsUser {
  if (process.getuid?.() !== 0) return ordinaryUser();
  if (idOf('-u') === null) spawnSync('useradd', ['--system', '--user-group', '--no-create-home', NAME]);
  const [uid, gid] = [idOf('-u'), idOf('-g')];
  if (uid !== null && gid !== null) return { uid, gid };
  throw new DatabaseUnusable(
    'no-os-user',
    `PostgreSQL does not run as root, and the user ${NAME} could not be made.`,
    'Run as an ordinary user, or make one first: `useradd --system --user-group postgres`.',
  );
}

function ordinaryUser(): OsUser {
  // A container that runs under any number: initdb asks for the name that goes with it.
  if (process.getuid === undefined || spawnSync('id', ['-un']).status === 0) return {};
  const uid = process.getuid();
  throw new DatabaseUnusable(
    'no-os-user',
    `The user ${uid} has no name on this machine, and PostgreSQL wants one.`,
    `Give it one (\`useradd --uid ${uid} kwanus\`), or name a database that runs with KWANUS_DATABASE_URL.`,
  );
}

/**
 * @throws DatabaseUnusable `unreachable-folder` when the database's own user can't enter the folder or run its programs
 */
export function assertReachable(user: OsUser, folder: string, program: string): void {
  if (user.uid === undefined) return;
  for (const [what, path, test] of [
    ['folder', folder, '-x'],
    ['program', program, '-x'],
  ] as const) {
    const { status } = spawnSync('/usr/bin/test', [test, path], { ...user, cwd: '/' });
    if (status !== 0)
      throw new DatabaseUnusable(
        'unreachable-folder',
        `PostgreSQL runs as the user ${NAME} here, and that user can't reach the ${what} ${path}.`,
        'Move the project to a folder that everybody may enter (for example under /srv), set KWANUS_DATA_DIR to one, or run as an ordinary user.',
      );
  }
}
