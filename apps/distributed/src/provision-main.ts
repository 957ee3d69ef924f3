import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { provision } from './provision.js';
import { provisionKafka } from './provision-kafka.js';
import { makeSecrets, makeServerSecrets } from './secrets.js';

const USAGE = `Makes secrets, databases, roles, topics and rights of the four services; what is there is kept or brought into line.

  provision --secrets FOLDER --address HOST:PORT    the secrets' files, for a PostgreSQL that services reach there
            --servers                               and those of the servers that docker-compose.yml starts
  provision --secrets FOLDER --admin-url-file FILE  databases and roles; FILE holds a superuser's PostgreSQL URL
  provision --secrets FOLDER --brokers HOST:PORT,…  topics
            --operator-password-file FILE           and rights, as the user "operator", where users log in (SASL/SCRAM-SHA-512)
            --ca-file FILE                          over TLS, trusting that authority
            --emitter NAME                          a user of another team's service, which may write telemetry; may be repeated

Several may be given at once.
`;
const options = {
  secrets: { type: 'string' },
  address: { type: 'string' },
  servers: { type: 'boolean', default: false },
  'admin-url-file': { type: 'string' },
  brokers: { type: 'string' },
  'operator-password-file': { type: 'string' },
  'ca-file': { type: 'string' },
  emitter: { type: 'string', multiple: true },
} as const;

const said = (file: string): string => readFileSync(file, 'utf8').trim();

async function run(): Promise<void> {
  const { values } = parseArgs({ options });
  const { secrets, address, servers, brokers, 'admin-url-file': admin } = values;
  if (secrets === undefined || (address ?? admin ?? brokers) === undefined) throw new TypeError(USAGE);
  if (address !== undefined) {
    makeSecrets(secrets, address);
    if (servers) await makeServerSecrets(secrets, address);
  }
  if (admin !== undefined) await provision(said(admin), secrets);
  if (brokers !== undefined) await messages(brokers.split(','), values);
}

async function messages(
  brokers: readonly string[],
  {
    'operator-password-file': file,
    'ca-file': caFile,
    emitter: emitters = [],
  }: {
    readonly 'operator-password-file'?: string | undefined;
    readonly 'ca-file'?: string | undefined;
    readonly emitter?: string[] | undefined;
  },
): Promise<void> {
  await provisionKafka({
    brokers,
    ...(file === undefined ? {} : { password: said(file) }),
    ...(caFile === undefined ? {} : { caFile }),
    emitters,
  });
}

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
});
