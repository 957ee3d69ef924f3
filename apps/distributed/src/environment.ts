import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'dotenv';
import { expand } from 'dotenv-expand';

/** The root of this workspace: `dist` and `src` lie equally deep. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/**
 * Reads files of `deploy/env`, the ones that compose reads, as compose and a shell do.
 * @param files names, without `.env`; a later one wins
 * @param place what `${NAME:-…}` in them stands for in this place
 */
export function environmentFrom(
  files: readonly string[],
  place: Readonly<Record<string, string>>,
): Record<string, string> {
  const parsed = Object.assign(
    {},
    ...files.map((file) => parse(readFileSync(join(ROOT, 'deploy', 'env', `${file}.env`)))),
  ) as Record<string, string>;
  return expand({ parsed, processEnv: { ...place } }).parsed ?? {};
}
