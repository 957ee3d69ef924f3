import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { affects, component, cycloneDx, record, TestDatabase } from '@kwanus/checks-vulnerabilities/testing';
import { writeSession } from '../session.js';
import { kwanus } from '../testing/run.js';

const MINIMAL = join(import.meta.dirname, '../../../../examples/minimal-submission');
const folder = mkdtempSync(join(tmpdir(), 'kwanus-check-'));
const before = process.env['KWANUS_DATA_DIR'];
beforeAll(() => {
  process.env['KWANUS_DATA_DIR'] = folder;
});
afterAll(() => {
  if (before === undefined) delete process.env['KWANUS_DATA_DIR'];
  else process.env['KWANUS_DATA_DIR'] = before;
  rmSync(folder, { recursive: true, force: true });
});

const registry = (...ids: string[]): string => registryWith({}, ...ids);
const registryWith = (more: object, ...ids: string[]): string => {
  const file = join(folder, 'registry.json');
  const permissions = ids.map((id) => ({
    id,
    title: id,
    owner: 'platform',
    resource: 'order',
    actions: ['read'],
    privileged: false,
    tiers: [],
    status: 'active',
    reason: 'needed',
  }));
  writeFileSync(file, JSON.stringify({ registryVersion: 3, permissions, ...more }));
  return file;
};

describe('kwanus check', () => {
  it('passes the example of a minimal submission, and names what can’t be judged on this machine', async () => {
    const { code, out, err } = await kwanus('check', MINIMAL);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(
      /^\? permission-boundary +No permission registry is at hand: log in, or give --registry FILE/m,
    );
    expect(out).toMatch(
      /\nacme\.parcels 1\.0\.0: \d+ passed, 0 failed, 3 not judged here: platform-compatibility, permission-boundary, vulnerability-scan\n$/,
    );
  });

  it('judges by the registry and the platform versions that it is given', async () => {
    const { code, out } = await kwanus(
      'check',
      MINIMAL,
      '--registry',
      registry('orders:read'),
      '--platform',
      '5.1.0',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^✓ permission-boundary +1 permissions lie within registry version 3\.$/m);
    expect(out).toMatch(/^✓ platform-compatibility +Fits 5\.1\.0 of 5\.1\.0\.$/m);
  });

  it('finds what the registry lacks, with 1', async () => {
    const { code, out, err } = await kwanus('check', MINIMAL, '--registry', registry());
    expect({ code, err }).toEqual({ code: 1, err: 'kwanus: permission-boundary would stop it in step 4.\n' });
    expect(out).toContain('PM205');
  });

  it('[PB-4.05] finds a version of an event that the platform does not publish, and a type that it does not know', async () => {
    const of = async (type: string, ...versions: string[]) => {
      const file = registryWith({ events: [{ type, versions }] }, 'orders:read');
      const { code, out } = await kwanus('check', MINIMAL, '--registry', file);
      return [code, /\w+ WF006 .*/.exec(out)?.[0]];
    };
    expect(await of('kwanus.order.shipped', '1.2.0')).toEqual([0, undefined]);
    expect(await of('kwanus.order.shipped', '0.9.0', '2.0.0')).toEqual([
      1,
      expect.stringMatching(
        /^blocks WF006 kwanus\.yaml:\d+ \^1 holds none of the versions of kwanus\.order\.shipped that the platform publishes \(0\.9\.0, 2\.0\.0\)\.$/,
      ),
    ]);
    expect(await of('kwanus.order.created', '1.0.0')).toEqual([
      0,
      expect.stringMatching(
        /^warns WF006 .* kwanus\.order\.shipped is not in the platform’s registry of events\.$/,
      ),
    ]);
  });

  it('still finds what needs no registry', async () => {
    const unbounded = join(folder, 'unbounded');
    cpSync(MINIMAL, unbounded, { recursive: true });
    const manifest = join(unbounded, 'kwanus.yaml');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('resource: order,', "resource: '*',"));
    const { code, err } = await kwanus('check', unbounded);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('forbidden-permissions') });
  });

  it('[PB-6.06] prints the shortest way to where a workflow is lost', async () => {
    const lost = join(folder, 'lost');
    cpSync(MINIMAL, lost, { recursive: true });
    const file = join(lost, 'workflows/register-parcel.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('catch:\n', 'catch:\n        errors: { with: { status: 503 } }\n'));
    const report = join(folder, 'report.html');
    const { code, out } = await kwanus('check', lost, '--report-file', report);
    expect(code).toBe(1);
    expect(out).toMatch(
      / {4}blocks WF018 workflows\/register-parcel\.yaml:\d+ .*\n {8}event\n {8}→ \/do\/register\n {8}→ \/do\/register\/try\/send: 4xx, not caught\n {8}⇥ nothing catches it/,
    );
    const html = readFileSync(report, 'utf8');
    expect(html).toMatch(/WF018[\s\S]*<svg [\s\S]*\/do\/register\/try\/send/);
    expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
  });

  it('goes on without the registry of a platform that is down, and says so', async () => {
    writeSession(folder, { server: 'http://127.0.0.1:9', name: 'anna', token: 'token' });
    const { code, err } = await kwanus('check', MINIMAL, '--json');
    rmSync(join(folder, 'session.json'));
    expect({ code, err }).toEqual({
      code: 0,
      err: expect.stringMatching(
        /^The platform's registry is not at hand: http:\/\/127\.0\.0\.1:9 can't be reached/,
      ),
    });
  });

  it('[PB-7.03] scans bills of materials with the OSV data that it is given, or that the environment names', async () => {
    const withBill = join(folder, 'with-bill');
    cpSync(MINIMAL, withBill, { recursive: true });
    const manifest = join(withBill, 'kwanus.yaml');
    writeFileSync(
      manifest,
      `${readFileSync(manifest, 'utf8')}sbom: [{path: sbom.json, format: cyclonedx}]\n`,
    );
    writeFileSync(join(withBill, 'sbom.json'), cycloneDx([component('npm/left@1.0.0')]).bytes);
    const osv = new TestDatabase().put(
      'npm',
      record('KW-1', {
        modified: new Date().toISOString(),
        affected: [affects('npm', 'left', [{ introduced: '0' }, { fixed: '1.2.3' }])],
      }),
    );
    try {
      const { code, out, err } = await kwanus('check', withBill, '--osv', osv.directory);
      expect({ code, err }).toEqual({
        code: 1,
        err: 'kwanus: vulnerability-scan would stop it in step 4.\n',
      });
      expect(out).toMatch(
        / blocks VU703 sbom\.json:5 pkg:npm\/left@1\.0\.0 has KW-1.*\n +Update to 1\.2\.3 or later\.$/m,
      );
      process.env['OSV_DB_DIR'] = osv.directory;
      expect((await kwanus('check', withBill)).code).toBe(1);
    } finally {
      delete process.env['OSV_DB_DIR'];
      osv.remove();
    }
  });

  it.each([
    ['/nowhere.json', "/nowhere.json can't be read."],
    [join(MINIMAL, 'kwanus.yaml'), `${join(MINIMAL, 'kwanus.yaml')} is not JSON.`],
  ])('refuses %s as a registry', async (file, line) => {
    expect(await kwanus('check', MINIMAL, '--registry', file)).toEqual({
      code: 2,
      out: '',
      err: `kwanus: ${line}\n`,
    });
  });
});

const CLI = join(import.meta.dirname, '../../../../dist/kwanus.js');
/** Root reads everything: an unreadable folder is one that somebody else looks at. A number that no machine gives a name to. */
const SOMEBODY = process.getuid?.() === 0 ? { uid: 4_242_424, gid: 4_242_424 } : {};

describe.each(['check', 'submit'])('kwanus %s on what is no folder', (command) => {
  it('that is not there, says so and what to name', async () => {
    const gone = join(folder, 'gone');
    expect(await kwanus(command, gone)).toEqual({
      code: 2,
      out: '',
      err: `kwanus: There is no ${gone}: name the folder that holds kwanus.yaml.\n`,
    });
  });

  it('but a file, says so and what to name', async () => {
    const file = join(MINIMAL, 'kwanus.yaml');
    expect(await kwanus(command, file)).toEqual({
      code: 2,
      out: '',
      err: `kwanus: ${file} is a file: name the folder that holds kwanus.yaml.\n`,
    });
  });

  it('that may not be read, says so and who may', () => {
    const locked = join(folder, `locked-${command}`);
    mkdirSync(locked, { mode: 0 });
    chmodSync(folder, 0o755);
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, command, locked], {
      encoding: 'utf8',
      env: { ...process.env, KWANUS_DATA_DIR: '/nowhere' },
      ...SOMEBODY,
    });
    rmdirSync(locked); // what may not be read is not removed with the folder that holds it
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: `kwanus: ${locked} may not be read by you: change its permissions, or run this as somebody who may.\n`,
    });
  }, 60_000);
});
