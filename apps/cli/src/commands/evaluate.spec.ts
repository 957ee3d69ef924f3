import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { validationHttp } from '@kwanus/contracts';
import { writeSession } from '../session.js';
import { kwanus } from '../testing/run.js';

const folder = mkdtempSync(join(tmpdir(), 'kwanus-evaluate-'));
const before = process.env['KWANUS_DATA_DIR'];
const ASK = [
  'permissions',
  'evaluate',
  'acme.parcels',
  'read',
  '--resource',
  'order:o-1',
  '--workspace',
  'w-17',
];

/** A platform that permits reading in one workspace. */
describe('kwanus permissions evaluate', () => {
  const asked: { readonly url: string | undefined; readonly question: unknown }[] = [];
  let server: Server;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const question = validationHttp.PermissionQuestion.parse(
          JSON.parse(Buffer.concat(chunks).toString()),
        );
        asked.push({ url: request.url, question });
        const allowed = question.resource.workspace === question.workspace;
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify({
            decision: allowed ? 'allow' : 'deny',
            policies: allowed ? ['orders:read'] : [],
            reason: allowed ? 'Permitted by orders:read.' : 'No permission covers it.',
            integrationId: question.integrationId,
            release: '1.0.0',
            registryVersion: 3,
            at: '2026-11-27T10:00:00Z',
          }),
        );
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    process.env['KWANUS_DATA_DIR'] = folder;
    writeSession(folder, { server: `http://127.0.0.1:${port}`, name: 'olga', token: 'token' });
  });
  afterAll(() => {
    if (before === undefined) delete process.env['KWANUS_DATA_DIR'];
    else process.env['KWANUS_DATA_DIR'] = before;
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('[PB-4.11] says that it may, by which policies and which version of the registry', async () => {
    expect(await kwanus(...ASK, '--fields', 'id, status')).toEqual({
      code: 0,
      out: 'allow: Permitted by orders:read.\npolicies: orders:read\nrelease 1.0.0, registry version 3, at 2026-11-27T10:00:00Z\n',
      err: '',
    });
    expect(asked.at(-1)).toEqual({
      url: '/v1/permissions/evaluate',
      question: {
        integrationId: 'acme.parcels',
        workspace: 'w-17',
        action: 'read',
        resource: { type: 'order', id: 'o-1', workspace: 'w-17' },
        fields: ['id', 'status'],
      },
    });
  });

  it('[PB-4.11] exits 1 where it may not, with the decision on stdout', async () => {
    const { code, out, err } = await kwanus(...ASK, '--resource-workspace', 'w-18', '--json');
    expect(JSON.parse(out)).toMatchObject({ decision: 'deny', policies: [], registryVersion: 3 });
    expect({ code, err }).toEqual({ code: 1, err: 'kwanus: acme.parcels may not read order:o-1.\n' });
  });

  it('asks about a release, a moment and a version of the registry', async () => {
    await kwanus(...ASK, '--release', '1.0.0', '--at', '2026-11-01T00:00:00Z');
    expect(asked.at(-1)).toMatchObject({
      url: '/v1/permissions/evaluate?at=2026-11-01T00%3A00%3A00Z',
      question: { release: '1.0.0' },
    });
    await kwanus(...ASK, '--version', '2');
    expect(asked.at(-1)?.url).toBe('/v1/permissions/evaluate?version=2');
  });

  it('says what a resource looks like', async () => {
    const [command, ...rest] = ASK;
    const args = [command ?? '', ...rest].map((arg) => (arg === 'order:o-1' ? 'order' : arg));
    expect(await kwanus(...args)).toEqual({
      code: 2,
      out: '',
      err: 'kwanus: --resource takes type:id, for example order:o-1, not order.\n',
    });
  });
});
