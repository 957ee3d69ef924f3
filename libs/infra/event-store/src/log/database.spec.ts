import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { LogDatabase } from './database.js';

/** A message of PostgreSQL's protocol: its kind, its length, its content. */
function message(kind: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(content.length + 4);
  return Buffer.concat([Buffer.from(kind), length, content]);
}
const AUTHENTICATED = message('R', Buffer.alloc(4));
const READY = message('Z', Buffer.from('I'));
const GONE = message('E', Buffer.from('SFATAL\0VFATAL\0C57P01\0Mthe postmaster is gone\0\0'));

describe('a connection', () => {
  it('that ends in the same packet in which it became ready is an error of whoever waits for it, and nothing else', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(Buffer.concat([AUTHENTICATED, READY, GONE])));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const database = new LogDatabase({
      url: `postgres://kwanus@127.0.0.1:${port}/kwanus`,
      applicationName: 'spec',
      poolSize: 1,
      connectMs: 2_000,
      transactionMs: 2_000,
      prepared: [],
      onTrouble: () => undefined,
    });
    await expect(database.acquire()).rejects.toThrow();
    await database.close();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  });
});
