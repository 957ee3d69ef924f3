// One Apache Kafka for the whole run, started when the first spec asks for it. Runs outside Jest's transform: from dist.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Broker } from '../../infra/broker/dist/index.js';

/** Answers every connection to a socket with the broker's address, or with what keeps it from starting. */
export async function offerBroker() {
  const folder = mkdtempSync(join(tmpdir(), 'kwanus-jest-kafka-'));
  let broker = null;
  let starting = null;
  const start = async () => {
    broker = new Broker(join(folder, 'broker'));
    await broker.start();
    return { address: broker.address };
  };
  const server = createServer(async (socket) => {
    socket.on('error', () => undefined);
    starting ??= start().catch((error) => ({ error: String(error?.message ?? error) }));
    socket.end(JSON.stringify(await starting));
  });
  const path = join(folder, 'socket');
  await new Promise((resolve) => server.listen(path, resolve));
  server.unref();
  return {
    path,
    stop: async () => {
      server.close();
      await starting;
      await broker?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
