// One Apache Kafka for the whole run, started when the first spec asks for it. Runs outside Jest's transform: from dist.
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Broker } from '../../infra/broker/dist/index.js';

/** Answers every connection to a socket in the folder with the broker's address, or with what keeps it from starting. */
export async function offerBroker(folder) {
  mkdirSync(folder);
  let broker = null;
  let starting = null;
  const start = async () => {
    broker = new Broker(join(folder, 'data'));
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
    },
  };
}
