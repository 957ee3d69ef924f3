import { clear, leftOver } from './jest-run-folder.mjs';

export default async function tearDown() {
  const { folder, server, broker } = globalThis.kwanusTestRun;
  await broker.stop();
  await server.stop();
  const left = await leftOver(folder);
  await clear(folder);
  if (left.length > 0)
    throw new Error(`Specs left processes behind:\n${left.map(({ command }) => command).join('\n')}`);
}
