import { rmSync } from 'node:fs';

export default async function tearDown() {
  const { server, folder } = globalThis.kwanusTestPostgres;
  await globalThis.kwanusTestBroker.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
