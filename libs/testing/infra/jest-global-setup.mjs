// One PostgreSQL for the whole run; its URL reaches the specs as KWANUS_TEST_PG_URL. Runs outside Jest's transform: from dist.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server } from '../../infra/database/dist/index.js';
import { offerBroker } from './jest-broker.mjs';

export default async function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'kwanus-jest-pg-'));
  const server = new Server(folder, { max_connections: '300' });
  await server.prepare();
  await server.start();
  process.env.KWANUS_TEST_PG_URL = server.url('postgres');
  globalThis.kwanusTestPostgres = { server, folder };
  const broker = await offerBroker();
  process.env.KWANUS_TEST_BROKER = broker.path;
  globalThis.kwanusTestBroker = broker;
}
