import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { provision } from './provision.js';
import { makeSecrets } from './secrets.js';

const USAGE = `Makes secrets, databases and login roles of the four services; what is there is kept or brought into line.

  provision --secrets FOLDER --address HOST:PORT   make the secrets' files, for a server that services reach there
  provision --secrets FOLDER --admin-url-file FILE make databases and roles; FILE holds a superuser's PostgreSQL URL

Both may be given at once.
`;
const options = {
  secrets: { type: 'string' },
  address: { type: 'string' },
  'admin-url-file': { type: 'string' },
} as const;

async function run(): Promise<void> {
  const { values } = parseArgs({ options });
  const { secrets, address, 'admin-url-file': admin } = values;
  if (secrets === undefined || (address === undefined && admin === undefined)) throw new TypeError(USAGE);
  if (address !== undefined) makeSecrets(secrets, address);
  if (admin !== undefined) await provision(readFileSync(admin, 'utf8').trim(), secrets);
}

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
});
