import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openDevelopmentIssuer } from '@kwanus/auth';
import { readSession } from '../session.js';
import { kwanus } from '../testing/run.js';

const folder = mkdtempSync(join(tmpdir(), 'kwanus-login-'));
const before = process.env['KWANUS_DATA_DIR'];
beforeAll(() => {
  process.env['KWANUS_DATA_DIR'] = folder;
  openDevelopmentIssuer({ folder, host: '127.0.0.1', production: false, audience: 'kwanus' });
});
afterAll(() => {
  if (before === undefined) delete process.env['KWANUS_DATA_DIR'];
  else process.env['KWANUS_DATA_DIR'] = before;
  rmSync(folder, { recursive: true, force: true });
});

describe('kwanus login', () => {
  it('prints a token, and leaves who is logged in', async () => {
    expect(await kwanus('login', '--as', 'anna')).toMatchObject({ code: 0 });
    const { code, out, err } = await kwanus('login', '--as', 'telemetry', '--print');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [, claims = ''] = out.trimEnd().split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'))).toMatchObject({
      sub: 'telemetry',
      roles: ['service'],
    });
    expect(readSession(folder)?.name).toBe('anna');
  });
});
