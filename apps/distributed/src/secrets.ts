import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES } from '@kwanus/contracts';

/** A role of the database server, as a URL file names it. */
export interface DatabaseLogin {
  readonly role: string;
  readonly password: string;
  readonly database: string;
}

/** Services that read artefacts; intake writes them too. */
export const READERS = ['validation', 'rollout'] as const;

/** File → role and database of every URL that is handed to a service. */
const URLS: Readonly<Record<string, readonly [role: string, database: string]>> = {
  ...Object.fromEntries(
    SERVICES.flatMap((service) => [
      [`${service}-database-url`, [`kwanus_${service}`, `kwanus_${service}`]],
      [`${service}-migration-url`, [`kwanus_${service}_owner`, `kwanus_${service}`]],
    ]),
  ),
  ...Object.fromEntries(
    ['intake', ...READERS].map((service) => [
      `${service}-artifacts-url`,
      [`kwanus_${service}`, 'kwanus_artifacts'],
    ]),
  ),
  'artifacts-migration-url': ['kwanus_artifacts_owner', 'kwanus_artifacts'],
};

/** Files are bound into containers one by one, so the folder keeps others out, not the files' own modes. */
const FOLDER = 0o700;
const FILE = 0o644;

/**
 * Makes the secrets of all services in a folder, one file each, and keeps those that are there. Where the server has moved, its
 * address is renewed and the passwords stay.
 * @param address `host:port` of the PostgreSQL server as the services reach it
 */
export function makeSecrets(folder: string, address: string): void {
  mkdirSync(folder, { recursive: true, mode: FOLDER });
  const passwords = new Map<string, string>();
  for (const [file, [role]] of Object.entries(URLS)) {
    const known = read(folder, file);
    if (known !== null) passwords.set(role, new URL(known).password);
  }
  for (const [file, [role, database]] of Object.entries(URLS)) {
    const password = passwords.get(role) ?? randomBytes(24).toString('hex');
    passwords.set(role, password);
    write(folder, file, `postgresql://${role}:${password}@${address}/${database}`);
  }
  for (const service of SERVICES) {
    const file = `${service}-cursor-key`;
    if (read(folder, file) === null) write(folder, file, randomBytes(32).toString('base64'));
  }
}

/** @returns every role of the folder's URLs, once for each database that it uses */
export function loginsOf(folder: string): readonly DatabaseLogin[] {
  return Object.keys(URLS).map((file) => {
    const url = new URL(read(folder, file) ?? '');
    return { role: url.username, password: url.password, database: url.pathname.slice(1) };
  });
}

function read(folder: string, file: string): string | null {
  const path = join(folder, file);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
}

function write(folder: string, file: string, text: string): void {
  writeFileSync(join(folder, file), `${text}\n`, { mode: FILE });
}
