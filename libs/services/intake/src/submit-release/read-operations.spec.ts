import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { readOperations } from './read-operations.js';

const contract = (count: number): Uint8Array =>
  Buffer.from(
    `openapi: 3.1.0\npaths:\n${Array.from(
      { length: count },
      (_, at) =>
        `  /p${at}:\n    get: { operationId: get${at}, responses: {} }\n    post: { responses: {} }\n`,
    ).join('')}`,
  );
const expected = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => [`get${at}`, `POST /p${at}`]).flat();
/** Milliseconds of the processor that this thread has taken. */
const taken = (): number =>
  Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;

it('reads small contracts and large ones alike, and those that can’t be read as having none', async () => {
  expect(await readOperations(new Map([['a.yaml', contract(2)]]))).toEqual(expected(2));
  expect(await readOperations(new Map([['a.yaml', contract(1_000)]]))).toEqual(expected(1_000));
  expect(await readOperations(new Map([['a.yaml', Buffer.from('a: &x 1\nb: *x\n'.repeat(5_000))]]))).toEqual(
    [],
  );
});

it('leaves the thread of the service free while a large one is read', async () => {
  const large = new Map([['a.yaml', contract(15_000)]]);
  const before = taken();
  const operations = await readOperations(large);
  expect(taken() - before).toBeLessThan(100);
  expect(operations).toHaveLength(30_000);
});
