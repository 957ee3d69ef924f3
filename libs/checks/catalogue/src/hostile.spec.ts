import dns from 'node:dns';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { normaliseHost } from './hosts/host.js';
import {
  checkEvidence,
  digestedSubmission,
  FolderRefused,
  folderSubmission,
  InputCorrupt,
  referenceOf,
} from './index.js';
import { context, type Edits, edited, findingsOf, judge, yamlEdit } from './testing/edited-submission.js';
import { asContract, get, HOSTILE_SUBMISSIONS, openapi } from './testing/hostile-corpus.js';

describe('hostile submissions', () => {
  const touched: string[] = [];
  beforeAll(() => {
    const refuse = (name: string) => (): never => {
      touched.push(name);
      throw new TypeError(`${name} was called`);
    };
    jest.spyOn(net.Socket.prototype, 'connect').mockImplementation(refuse('connect'));
    jest.spyOn(dns, 'lookup').mockImplementation(refuse('lookup'));
    jest.spyOn(dns.promises, 'lookup').mockImplementation(refuse('lookup'));
    jest.spyOn(globalThis, 'fetch').mockImplementation(refuse('fetch'));
  });
  afterAll(() => {
    jest.restoreAllMocks();
  });

  it.each(HOSTILE_SUBMISSIONS)(
    'are judged without a socket, a failure or a hang: %s',
    async (_, edits) => {
      const verdict = await judge(edits, { bases: [await edited()] });
      expect(verdict.outcome).not.toBe('passed');
      expect(touched).toEqual([]);
    },
    10_000,
  );

  it('[PB-7.07] FB305 names each reference that leads outside, and fetches none', async () => {
    const verdict = await judge(asContract(openapi({ paths: get({ $ref: 'http://127.0.0.1:9/x.json' }) })));
    expect(findingsOf(verdict, 'FB305').map(({ pointer }) => pointer)).toEqual([
      '/paths/~1a/get/responses/200/content/application~1json/schema/$ref',
    ]);
    expect(touched).toEqual([]);
  });

  it('sees the sockets that would be opened', () => {
    expect(() => net.connect(9, '127.0.0.1')).toThrow('connect was called');
    expect(() => fetch('http://127.0.0.1:9/')).toThrow('fetch was called');
    expect(touched).toEqual(['connect', 'fetch']);
  });
});

describe('hosts', () => {
  it.each([
    'localhost',
    'LOCALHOST.',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.0.0.1:80',
    'http://user:pw@10.1.2.3/x',
    'http://public.example@192.168.0.1',
    '[::1]',
    '[::ffff:10.0.0.1]',
    '[::ffff:a00:1]',
    '[fd00::1]',
    '[fe80::1]',
    '169.254.169.254',
    '172.31.255.255',
    '100.64.0.1',
    'metadata.google.internal',
    'orders.svc',
    'a.svc.cluster.local',
    'printer.local',
    'db',
    '10.0.0.1.nip.io',
    'ＬＯＣＡＬＨＯＳＴ',
    '①②⑦.⓪.⓪.①',
    'postgres://10.0.0.1/x',
    '//10.0.0.1/x',
    '*.internal',
    'intranet',
    '0',
  ])('[PB-7.07] FB302 %s leads inside', (host) => expect(normaliseHost(host).reach).toBe('internal'));

  it.each([
    'api.acme.example',
    'https://api.acme.example:8443/v1',
    '93.184.216.34',
    '172.32.0.1',
    '100.128.0.1',
    '[2606:2800:220:1::1]',
    'xn--bcher-kva.example',
    '*.acme.example',
    'localhost.example.com',
    'internal.example.com',
    '11.0.0.1',
  ])('[PB-7.07] FB302 %s is public', (host) => expect(normaliseHost(host).reach).toBe('public'));

  it.each([
    '${ .host }',
    'https://${ .host }/x',
    '{$request.body#/url}',
    'https://{tenant}.example.com',
    '{{host}}',
  ])('[PB-7.07] FB302 %s is built at run time', (host) => expect(normaliseHost(host).reach).toBe('dynamic'));

  it.each(['http://', 'a b', 'http://[::1', ''])('[PB-7.07] FB302 %j can’t be read', (host) =>
    expect(normaliseHost(host).reach).toBe('unreadable'),
  );
});

describe('where submissions come from', () => {
  it('leaves links and hidden files out, and refuses what is no submission', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kwanus-spec-'));
    try {
      await expect(folderSubmission(folder)).rejects.toThrow(FolderRefused);
      await writeFile(join(folder, 'kwanus.yaml'), 'metadata: {partner: acme, name: a, version: 1.0.0}\n');
      await writeFile(join(folder, '.secret'), 'x');
      await symlink('kwanus.yaml', join(folder, 'passwd'));
      const submission = await folderSubmission(folder);
      expect(submission).toMatchObject({ integrationId: 'acme.a', release: '1.0.0' });
      expect(submission.files.map(({ path }) => path)).toEqual(['kwanus.yaml']);
      expect(await submission.read('passwd')).toBeNull();
      expect(await submission.read('../../../etc/passwd')).toBeNull();
      await writeFile(join(folder, 'kwanus.yaml'), 'a: &x 1\nb: *x\n');
      await expect(folderSubmission(folder)).rejects.toMatchObject({ code: 'manifest-unreadable' });
    } finally {
      await rm(folder, { recursive: true });
    }
    await expect(folderSubmission(join(folder, 'gone'))).rejects.toMatchObject({ code: 'not-a-folder' });
  });

  it('hashes again what it reads by digest', async () => {
    const minimal = await edited();
    const reference = referenceOf(minimal);
    const bytes = new Map<string, Uint8Array>();
    for (const { path, digest } of minimal.files)
      bytes.set(digest, (await minimal.read(path)) ?? new Uint8Array());
    const opened = await digestedSubmission(reference, (digest) =>
      Promise.resolve(bytes.get(digest) ?? null),
    );
    expect(opened.manifest).toEqual(minimal.manifest);
    const [contract] = minimal.files.filter(({ path }) => path === 'api/parcels.yaml');
    bytes.set(contract?.digest ?? '', Buffer.from('changed'));
    await expect(opened.read('api/parcels.yaml')).rejects.toThrow(InputCorrupt);
    expect(await opened.read('nothing')).toBeNull();
  });
});

describe('evidence of preparation', () => {
  const outcomeOf = async (task: Parameters<typeof checkEvidence>[0], edits: Edits = {}) => {
    const { outcome, findings } = await checkEvidence(task, await edited(edits), context());
    return [outcome, ...new Set(findings.map(({ ruleId }) => ruleId))].join(' ');
  };

  it.each(['scaffolding', 'workflow', 'permissionMapping', 'sandbox'] as const)(
    '[PB-2.2] %s: the minimal one passes',
    async (task) => expect(await outcomeOf(task)).toBe('passed'),
  );

  it.each([
    [
      '[PB-2.2] a scaffold without an operation',
      'scaffolding',
      {
        'preparation/scaffolding.yaml': yamlEdit((s) => {
          delete (s['paths'] as Record<string, unknown>)['/parcels'];
        }),
      },
      'failed PV202',
    ],
    [
      '[PB-2.2] a scaffold that is no contract',
      'scaffolding',
      { 'preparation/scaffolding.yaml': 'a: 1' },
      'failed PV202',
    ],
    ['[PB-2.2] no evidence at all', 'scaffolding', { 'preparation/scaffolding.yaml': null }, 'failed PV201'],
    [
      '[PB-2.2] a workflow with something else in it',
      'workflow',
      { 'workflows/register-parcel.yaml': yamlEdit((w) => (w['do'] as unknown as unknown[]).push('x')) },
      'failed PV203',
    ],
    [
      '[PB-2.2] a permission that is not mapped',
      'permissionMapping',
      { 'preparation/permission-mapping.yaml': 'permissions: []' },
      'failed PV204',
    ],
    [
      '[PB-2.2] a sandbox that grants more',
      'sandbox',
      { 'preparation/sandbox.yaml': 'workspace: s\npermissions: [orders:write]\nnetwork: []\n' },
      'failed PV205',
    ],
    [
      '[PB-2.2] a sandbox that reaches what is not declared',
      'sandbox',
      { 'preparation/sandbox.yaml': 'workspace: s\npermissions: []\nnetwork: [other.example]\n' },
      'failed PV205',
    ],
    [
      '[PB-2.2] a sandbox that reaches inside',
      'sandbox',
      { 'preparation/sandbox.yaml': 'workspace: s\npermissions: []\nnetwork: [10.0.0.1]\n' },
      'failed PV205',
    ],
  ] as const)('%s', async (_title, task, edits, expected) =>
    expect(await outcomeOf(task, edits as Edits)).toBe(expected),
  );
});
