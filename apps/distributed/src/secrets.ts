import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES } from '@kwanus/contracts';
import { makeCertificate } from './certificate.js';

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

/** Who logs in to the brokers: each service as itself, and the one who provisions. */
export const KAFKA_OPERATOR = 'operator';
const KAFKA_USERS: readonly string[] = [...SERVICES, KAFKA_OPERATOR];

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
    const known = passwords.get(role) ?? password();
    passwords.set(role, known);
    write(folder, file, `postgresql://${role}:${known}@${address}/${database}`);
  }
  for (const service of SERVICES)
    keep(folder, `${service}-cursor-key`, () => randomBytes(32).toString('base64'));
  for (const user of KAFKA_USERS) keep(folder, `${user}-kafka-password`, password);
}

/**
 * Makes what the servers are given that compose starts beside the services: passwords of their administrators, the issuer's
 * certificate; keeps what is there.
 * @param address `host:port` of the PostgreSQL server as the services reach it
 */
export async function makeServerSecrets(folder: string, address: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: FOLDER });
  for (const file of ['postgres-password', 'grafana-password', 'idp-admin-password', 'people-password'])
    keep(folder, file, password);
  const superuser = read(folder, 'postgres-password') ?? '';
  write(folder, 'postgres-admin-url', `postgresql://kwanus:${superuser}@${address}/kwanus`);
  if (read(folder, 'idp-certificate') === null) {
    const { certificate, key } = await makeCertificate(['localhost', 'idp']);
    write(folder, 'idp-certificate', certificate);
    write(folder, 'idp-key', key);
  }
}

/** @returns who logs in to the brokers, and with which password */
export function kafkaUsersOf(
  folder: string,
): readonly { readonly name: string; readonly password: string }[] {
  return KAFKA_USERS.map((name) => ({ name, password: read(folder, `${name}-kafka-password`) ?? '' }));
}

/** Keeps a superuser's URL beside the others, for whoever provisions. */
export function keepAdminUrl(folder: string, url: string): void {
  writeFileSync(join(folder, 'postgres-admin-url'), `${url}\n`, { mode: 0o600 });
}

const password = (): string => randomBytes(24).toString('hex');

/** @returns every role of the folder's URLs, once for each database that it uses */
export function loginsOf(folder: string): readonly DatabaseLogin[] {
  return Object.keys(URLS).map((file) => {
    const url = new URL(read(folder, file) ?? '');
    return { role: url.username, password: url.password, database: url.pathname.slice(1) };
  });
}

function keep(folder: string, file: string, make: () => string): void {
  if (read(folder, file) === null) write(folder, file, make());
}

function read(folder: string, file: string): string | null {
  const path = join(folder, file);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
}

function write(folder: string, file: string, text: string): void {
  writeFileSync(join(folder, file), `${text}\n`, { mode: FILE });
}
