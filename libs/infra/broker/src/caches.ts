import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BrokerUnusable } from './errors.js';

const PROJECT_CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/kwanus', import.meta.url));

/** The folders that Kafka's jars are fetched into. */
export interface Caches {
  /** Where the found class path is remembered. */
  readonly folder: string;
  /** What Maven is told to use; null: its usual place. */
  readonly mavenRepository: string | null;
}

/** The two home folders of one user. */
export interface Homes {
  /** As the environment has it, which falls back to the account. Null when neither names one. */
  readonly environment: string | null;
  /** As the account has it: Java asks the account, whatever `HOME` says. Null when there is no account. */
  readonly account: string | null;
}

/**
 * Chooses folders that can be written: those of the user, or else the project's own.
 * @throws BrokerUnusable when neither can be written
 */
export function findCaches(homes: Homes = homesOfUser(), projectCache: string = PROJECT_CACHE): Caches {
  const own = homes.environment === null ? [] : [join(homes.environment, '.cache', 'kwanus')];
  const folder = [...own, projectCache].find(isWritable);
  if (folder === undefined)
    throw new BrokerUnusable(
      'no-jars',
      `Neither the home folder nor ${projectCache} can be written, so there is no place for Apache Kafka.`,
      'Set HOME to a folder of yours, or KAFKA_BROKERS to a broker that runs.',
    );
  const usual = homes.account !== null && isWritable(join(homes.account, '.m2', 'repository'));
  return { folder, mavenRepository: usual ? null : join(folder, 'maven') };
}

const homesOfUser = (): Homes => ({
  environment: orNull(homedir),
  account: orNull(() => userInfo().homedir),
});

/** A user id that no account belongs to, as in some containers, makes both questions throw. */
function orNull(ask: () => string): string | null {
  try {
    return ask();
  } catch {
    return null;
  }
}

function isWritable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
