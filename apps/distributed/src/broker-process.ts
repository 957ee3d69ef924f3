import { Broker } from '@kwanus/broker';

// `node broker-process.js FOLDER`: runs one Apache Kafka, and ends it when whoever started this process is gone.
const [folder = ''] = process.argv.slice(2);
const WATCH_MS = 500;

function refuse(error: unknown): never {
  process.stderr.write(`kwanus broker: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof Error && error.name === 'BrokerUnusable' ? 2 : 70);
}

async function run(): Promise<void> {
  const broker = new Broker(folder);
  // At once: whoever comes next on this folder must not find it in use.
  process.once('disconnect', () => void broker.kill().finally(() => process.exit(0)));
  process.once('SIGTERM', () => void broker.stop().finally(() => process.exit(0)));
  await broker.start();
  setInterval(() => {
    if (broker.pid === null) refuse(new Error('Apache Kafka ended by itself.'));
  }, WATCH_MS);
  process.send?.({ ready: broker.address });
}
run().catch(refuse);
