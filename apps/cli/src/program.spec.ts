import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeSession } from './session.js';
import { kwanus } from './testing/run.js';

const folder = mkdtempSync(join(tmpdir(), 'kwanus-cli-'));
const before = { ...process.env };
let server: Server | null = null;

beforeEach(() => {
  process.env['KWANUS_DATA_DIR'] = folder;
});
afterEach(() => {
  process.env = { ...before };
  rmSync(join(folder, 'session.json'), { force: true });
  server?.closeAllConnections();
  server?.close();
  server = null;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const problem = (status: number, detail: string, more: object = {}) => ({
  type: 'urn:kwanus:problem:x',
  title: detail,
  status,
  detail,
  code: 'x',
  errors: [],
  ...more,
});

/** Somebody is logged in where every request is answered so. */
async function answeredBy(status: number, body: object | ((url: string) => object)): Promise<string> {
  const listening = createServer(({ url = '' }, response) => {
    const given = typeof body === 'function' ? body(url) : body;
    response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(given));
  });
  server = listening;
  await new Promise<void>((ready) => listening.listen(0, '127.0.0.1', ready));
  const address = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
  writeSession(folder, { server: address, name: 'anna', token: 'token' });
  return address;
}

const FIXTURE = join(import.meta.dirname, '../../../libs/domain/integration/fixtures/acme.orders.jsonl');

describe('kwanus', () => {
  it('tells its version', async () => {
    expect(await kwanus('--version')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  it('finds every command by its name, without loading the others', async () => {
    const { out } = await kwanus('--help');
    const names = [...(/^Commands:\n([^]*?)\n\n/m.exec(out)?.[1] ?? '').matchAll(/^ {2}([a-z-]+)/gm)].map(
      ([, name = '']) => name,
    );
    expect(names.length).toBeGreaterThan(25);
    for (const name of names) {
      const help = await kwanus(name, '--help');
      expect({ name, ...help }).toMatchObject({
        code: 0,
        out: expect.stringContaining(`Usage: kwanus ${name}`),
      });
    }
  });

  it.each([
    [['relay'], 'This is a group of commands: name one of them. `--help` lists them.'],
    [
      ['status', 'acme.orders', 'more'],
      "error: too many arguments for 'status'. Expected 1 argument but got 2.",
    ],
    [['status', '--step', 'x'], "option '--step <step>' argument 'x' is invalid. It takes a whole number."],
    [
      ['telemetry', 'send', '--type', 'api-call', '--data', '{}', '--count', '-1'],
      "option '--count <n>' argument '-1' is invalid. It takes a whole number.",
    ],
    [
      ['telemetry', 'send', '--type', 'api-call', '--data', '{}', '--count', '9999999'],
      '--count takes 1 to 100000.',
    ],
    [['replay', FIXTURE, '--version', '1', '--at', '2026-01-01'], 'Give one of --at, --version and --diff.'],
    [
      ['matrix', '--at', 'yesterday'],
      "option '--at <moment>' argument 'yesterday' is invalid. It takes a day or a moment: 2027-03-01, or 2027-03-01T09:30:00Z.",
    ],
    [
      ['lifecycle', 'acme.orders', 'leave', '--reason', 'x'],
      'leave is no move. It is one of withdraw, resubmit, pause, resume, rollback, rollout, lifecycle-update, stricter-rollout, deprecate, suspend, reinstate, retire, adopt-playbook.',
    ],
    [
      ['evidence', 'acme.orders', 'permission-mapping', 'x.yaml'],
      'permission-mapping is no task. It is one of scaffolding, workflow, permissionMapping, sandbox, development, testing, documentation.',
    ],
  ])('answers wrong use %p with 2 and one line', async (args, line) => {
    expect(await kwanus(...args)).toEqual({
      code: 2,
      out: '',
      err: `kwanus: ${line.replace(/^error: /, '')}\n`,
    });
  });

  it('lists the faults of the environment one by one', async () => {
    process.env['KWANUS_URL'] = 'nowhere';
    expect(await kwanus('status')).toEqual({
      code: 2,
      out: '',
      err: [
        'kwanus: The configuration can’t be used.',
        '  KWANUS_URL is not a URL that begins with http:// or https://. It takes an http or https URL, for example https://kwanus.example.com\n',
      ].join('\n'),
    });
  });

  it('never sends a login to another platform than the one that it was made for', async () => {
    await answeredBy(200, { items: [], next: null });
    process.env['KWANUS_URL'] = 'http://127.0.0.1:9';
    expect(await kwanus('status')).toMatchObject({
      code: 4,
      err: expect.stringMatching(
        /^kwanus: You are logged in on http:\S+, and KWANUS_URL is http:\/\/127\.0\.0\.1:9\./,
      ),
    });
  });

  it('names what is not there', async () => {
    await answeredBy(404, problem(404, 'Nothing.', { instance: '/v1/integrations/acme.nope/gates' }));
    expect(await kwanus('status', 'acme.nope')).toEqual({
      code: 2,
      out: '',
      err: 'kwanus: There is no integration acme.nope, or it is not for you to see.\n',
    });
  });

  it.each([
    ['watch', 'acme.nope'],
    ['audit', 'verify', 'acme.nope'],
  ])('names an integration that is not there: %s', async (...args) => {
    await answeredBy(404, (url) => problem(404, 'Nothing.', { instance: url.replace(/\?.*/, '') }));
    expect(await kwanus(...args)).toEqual({
      code: 2,
      out: '',
      err: 'kwanus: There is no integration acme.nope, or it is not for you to see.\n',
    });
  });

  it('names the part of it that may not be there', async () => {
    const instance = '/v1/integrations/acme.orders/documents/governance?release=1.0.0';
    await answeredBy(404, problem(404, 'Nothing.', { instance }));
    expect((await kwanus('status', 'acme.orders')).err).toBe(
      'kwanus: There is no integration acme.orders, or no documents/governance of it, or it is not for you to see.\n',
    );
  });

  it('says one fault once, and several one by one', async () => {
    const [first, second] = [
      { pointer: '/a', message: 'is wrong' },
      { pointer: '/b', message: 'is missing' },
    ];
    await answeredBy(422, problem(422, '/a: is wrong.', { errors: [first] }));
    expect((await kwanus('status')).err).toBe('kwanus: /a: is wrong.\n');
    server?.close();
    await answeredBy(422, problem(422, '/a: is wrong; and 1 more.', { errors: [first, second] }));
    expect((await kwanus('status')).err).toBe(
      'kwanus: /a: is wrong; and 1 more.\n  /a: is wrong\n  /b: is missing\n',
    );
  });

  it('says how to log in again when a token no longer holds', async () => {
    await answeredBy(401, problem(401, 'This call needs a bearer token that holds.'));
    expect(await kwanus('status')).toMatchObject({
      code: 4,
      err: expect.stringContaining('kwanus login --as NAME'),
    });
  });
});
