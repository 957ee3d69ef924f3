import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Broker } from '@kwanus/broker';
import { openEmbeddedDatabase } from '@kwanus/database';
import { KAFKA_OPERATOR, kafkaUsersOf, keepAdminUrl, makeSecrets } from './secrets.js';

// `node dist/servers.js FOLDER`: a PostgreSQL and an Apache Kafka with logins and an authorizer, on loopback, for services that
// are started by hand (docs/deploy.md). Makes the services' secrets; where Kafka is, stands in FOLDER/servers.env.
const [argument] = process.argv.slice(2);
const REFUSALS = new Set(['BrokerUnusable', 'DatabaseUnusable']);

function refuse(error: unknown): never {
  const named = error instanceof Error && REFUSALS.has(error.name);
  process.stderr.write(`kwanus servers: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(named ? 2 : 70);
}

async function run(folder: string): Promise<void> {
  const secrets = join(folder, 'secrets');
  const database = await openEmbeddedDatabase({
    folder: join(folder, 'database'),
    hostPort: 0,
    onNews: ({ kind, message }) => (kind === 'lost' ? refuse(new Error(message)) : undefined),
  });
  makeSecrets(secrets, new URL(database.url).host);
  keepAdminUrl(secrets, database.url);
  const users = kafkaUsersOf(secrets);
  const admin = users.find(({ name }) => name === KAFKA_OPERATOR);
  if (admin === undefined) throw new TypeError('nobody provisions the brokers');
  const broker = new Broker(join(folder, 'kafka'), {
    security: { admin, users: users.filter((user) => user !== admin) },
  });
  const stop = async (): Promise<void> => {
    await broker.stop();
    await database.close();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().then(() => process.exit(0), refuse));
  try {
    await broker.start();
  } catch (error) {
    await stop();
    throw error;
  }
  writeFileSync(join(folder, 'servers.env'), `KAFKA_BROKERS=${broker.address}\n`);
  process.stdout.write(
    `PostgreSQL and Apache Kafka run; Ctrl-C stops them. ${join(folder, 'servers.env')}\n`,
  );
}

if (argument === undefined) refuse(new TypeError('Say which folder: node dist/servers.js FOLDER'));
run(resolve(argument)).catch(refuse);
