import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { manifestOf } from '@kwanus/checks-catalogue';
import { readManifest } from './read-manifest.js';

const manifest = (permissions: number): Uint8Array =>
  Buffer.from(
    `metadata: { partner: acme, name: orders, version: 1.3.0 }\npermissions: [${Array.from({ length: permissions }, (_, at) => `p${at}`).join(', ')}]\n`,
  );
/** Milliseconds of the processor that this thread has taken. */
const taken = (): number =>
  Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;

it.each([
  ['a small one', manifest(2)],
  ['a large one', manifest(4_900)],
  ['a large one that can’t be read', Buffer.from('a: &x 1\nb: *x\n'.repeat(5_000))],
  ['one with more than it may have', manifest(90_000)],
])('reads %s, wherever that is done', async (_, bytes) => {
  expect(await readManifest(bytes, 'kwanus.yaml')).toEqual(manifestOf(bytes, 'kwanus.yaml'));
});

it('leaves the thread of the service free while a large one is read', async () => {
  const large = manifest(4_900);
  const measured = async (read: () => unknown): Promise<number> => {
    const before = taken();
    expect(await read()).toMatchObject({ integrationId: 'acme.orders' });
    return taken() - before;
  };
  const elsewhere = await measured(() => readManifest(large, 'kwanus.yaml'));
  expect(elsewhere).toBeLessThan((await measured(() => manifestOf(large, 'kwanus.yaml'))) / 2);
});
