import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeSession } from '../session.js';
import { kwanus } from '../testing/run.js';

const folder = mkdtempSync(join(tmpdir(), 'kwanus-revocations-'));
const before = process.env['KWANUS_DATA_DIR'];
const PROPOSAL = {
  integrationId: 'acme.orders',
  release: '1.3.0',
  permission: 'orders:write',
  ground: 'unused',
  grantedAt: '2026-01-01T00:00:00Z',
  lastUsedAt: null,
  window: { from: '2026-02-01T00:00:00Z', to: '2026-05-02T00:00:00Z' },
  count: 0,
  status: 'open',
  reason: null,
  by: null,
  decidedAt: null,
  askAgainFrom: null,
  releases: [],
};
const UNDECLARED = {
  ...PROPOSAL,
  permission: 'payouts:create',
  ground: 'undeclared',
  window: null,
  count: 2,
};

/** A platform with two proposals. */
describe('kwanus permissions revocations', () => {
  const asked: { readonly url: string | undefined; readonly body: unknown }[] = [];
  let server: Server;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        asked.push({ url: request.url, body: text === '' ? null : JSON.parse(text) });
        response.setHeader('content-type', 'application/json');
        const accepted = { ...PROPOSAL, status: 'accepted', reason: 'r', releases: ['1.3.0'], version: 4 };
        const items = [PROPOSAL, UNDECLARED];
        const isOne = request.url?.startsWith('/v1/permissions/revocations/') === true;
        const list = isOne ? { integrationId: 'acme.orders', items, version: 3 } : { items, next: null };
        response.end(JSON.stringify(request.method === 'POST' ? accepted : list));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    process.env['KWANUS_DATA_DIR'] = folder;
    writeSession(folder, { server: `http://127.0.0.1:${port}`, name: 'sam', token: 'token' });
  });
  afterAll(() => {
    if (before === undefined) delete process.env['KWANUS_DATA_DIR'];
    else process.env['KWANUS_DATA_DIR'] = before;
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('[PB-7.01] names permission, release, last use and what was looked at', async () => {
    const { code, out } = await kwanus('permissions', 'revocations', 'acme.orders', '--status', 'open');
    expect(code).toBe(0);
    expect(out).toMatch(
      /acme\.orders +1\.3\.0 +orders:write +open +not used from 2026-02-01 to 2026-05-02, last used never/,
    );
    expect(out).toMatch(/payouts:create +open +used 2 × without being held/);
    expect(asked.at(-1)?.url).toContain('integration=acme.orders');
    expect(asked.at(-1)?.url).toContain('status=open');
  });

  it('shows what was proposed at a moment, from the stream', async () => {
    const { out } = await kwanus('permissions', 'revocations', 'acme.orders', '--at', '2026-06-01', '--json');
    expect(JSON.parse(out)).toEqual([PROPOSAL, UNDECLARED]);
    expect(asked.at(-1)?.url).toMatch(/^\/v1\/permissions\/revocations\/acme\.orders\?at=/);
  });

  it.each([
    ['revoke', 'accepted'],
    ['keep', 'rejected'],
  ])('[PB-7.01] decides: %s', async (name, decision) => {
    const decide = [
      'permissions',
      name,
      'acme.orders',
      'orders:write',
      '--release',
      '1.3.0',
      '--reason',
      'r',
    ];
    expect(await kwanus(...decide)).toMatchObject({
      code: 0,
      out: 'orders:write is taken from acme.orders 1.3.0.\n',
    });
    expect(asked.at(-1)).toEqual({
      url: '/v1/permissions/revocations/acme.orders/orders%3Awrite/decisions',
      body: { release: '1.3.0', decision, reason: 'r' },
    });
  });
});
