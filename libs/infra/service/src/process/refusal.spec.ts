import { createServer, type Server, type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { TransportUnavailable } from '@kwanus/messaging';
import { testDatabase } from '@kwanus/testing-infra';
import pg from 'pg';
import { refusalOf } from './refusal.js';

const PORT = 4181;

/** @returns what a connection attempt fails with */
async function failureOf(url: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 300 });
  client.on('error', () => undefined);
  return client.connect().then(
    () => client.end(),
    (error: unknown) => error,
  );
}

async function withServer(met: (socket: Socket) => void, act: (url: string) => Promise<void>): Promise<void> {
  const sockets: Socket[] = [];
  const server = await new Promise<Server>((resolve) => {
    const made = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined));
      met(socket);
    }).listen(0, '127.0.0.1', () => resolve(made));
  });
  const address = server.address();
  await act(`postgres://x@127.0.0.1:${typeof address === 'object' ? address?.port : 0}/x`);
  for (const socket of sockets) socket.destroy();
  server.close();
}

describe('a service that can’t start', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['accepts and says nothing', () => undefined],
    ['hangs up', (socket) => socket.destroy()],
  ])('says in one line that its database %s', (_, met) =>
    withServer(met, async (url) => {
      expect(refusalOf(await failureOf(url), PORT)).toMatch(
        /^The database can’t be used: .+\. Check KWANUS_DATABASE_URL\.$/,
      );
    }),
  );

  it('says so too when nobody listens, or the database is not there', async () => {
    const database = await testDatabase();
    const missing = new URL(database.url);
    missing.pathname = '/no_such_database';
    const noSocket = 'postgres://x@127.0.0.1:1/x?host=/no/such/folder';
    for (const url of ['postgres://x@127.0.0.1:1/x', noSocket, missing.href])
      expect(refusalOf(await failureOf(url), PORT)).toContain('Check KWANUS_DATABASE_URL');
    await database.drop();
  });

  it('repeats what the transport said, and names a port that is in use', () => {
    expect(refusalOf(new TransportUnavailable('No broker of a:1 answers.'), PORT)).toBe(
      'No broker of a:1 answers.',
    );
    expect(refusalOf(Object.assign(new Error('listen'), { code: 'EADDRINUSE' }), PORT)).toBe(
      'Port 4181 is in use. Stop what listens there, or set KWANUS_PORT.',
    );
  });

  it('takes no blame from whoever runs it for a fault of ours', () => {
    expect(refusalOf(new TypeError('x is not a function'), PORT)).toBeNull();
    expect(refusalOf('thrown text', PORT)).toBeNull();
  });
});
