import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Who is logged in, where; one per data folder, readable by its owner only. */
export interface Session {
  readonly server: string;
  readonly name: string;
  readonly token: string;
}

const file = (dataDir: string): string => join(dataDir, 'session.json');

/** @returns the session kept in the data folder, or null */
export function readSession(dataDir: string): Session | null {
  try {
    return JSON.parse(readFileSync(file(dataDir), 'utf8')) as Session;
  } catch {
    return null;
  }
}

/** Keeps the session; written whole or not at all. */
export function writeSession(dataDir: string, session: Session): void {
  mkdirSync(dataDir, { recursive: true });
  const fresh = `${file(dataDir)}.new`;
  writeFileSync(fresh, `${JSON.stringify(session)}\n`, { mode: 0o600 });
  chmodSync(fresh, 0o600);
  renameSync(fresh, file(dataDir));
}

/** Forgets who is logged in. */
export const forgetSession = (dataDir: string): void => rmSync(file(dataDir), { force: true });
