// One PostgreSQL for the whole run; its URL reaches the specs as KWANUS_TEST_PG_URL. Runs outside Jest's transform: from dist.
import { join } from 'node:path';
import { Server } from '../../infra/database/dist/index.js';
import { offerBroker } from './jest-broker.mjs';
import { openRunFolder } from './jest-run-folder.mjs';
import { bundleSpecs } from './jest-specs.mjs';
import { bundleThirdParty } from './jest-third-party.mjs';

export default async function setUp({ testPathPatterns }, { rootDir }) {
  await bundleThirdParty();
  const asked = testPathPatterns.toExecutor({ rootDir });
  await bundleSpecs((path) => asked.isMatch(path));
  const folder = openRunFolder();
  // What is in it ends with the run: nothing has to wait for a disk.
  const server = new Server(join(folder, 'database'), {
    max_connections: '300',
    fsync: 'off',
    full_page_writes: 'off',
  });
  await server.prepare();
  await server.start();
  process.env.KWANUS_TEST_PG_URL = server.url('postgres');
  const broker = await offerBroker(join(folder, 'broker'));
  process.env.KWANUS_TEST_BROKER = broker.path;
  globalThis.kwanusTestRun = { folder, server, broker };
}
