import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { developmentKeyFile, loadIdentities, personOf, signDevelopmentToken } from '@kwanus/auth';
import { type Configuration, loadConfiguration } from '@kwanus/config';
import { Server } from '@kwanus/database';
import { createLogger, PinoLoggerService } from '@kwanus/telemetry';
import { eventually, kwanus, ROOT } from '@kwanus/testing-infra';
import pg from 'pg';
import { type Platform, startPlatform } from './platform.js';
import { type Answer, type Ask, everyAnswer, type Values } from './testing/every-answer.js';

const ID = 'readme.developer-hub';
const READ_SCHEMAS = [
  'intake_read',
  'validation_read',
  'rollout_read',
  'monitoring_read',
  'monitoring_telemetry_read',
];
/** An operator, who sees all; a reviewer; the partner; another partner. */
const PEOPLE = ['oscar', 'tara', 'olivia', 'anna'];

/** What one demo leaves behind, looked at by a platform whose clock stands still. */
describe('every answer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kwanus-answers-'));
  chmodSync(folder, 0o755);
  const data = join(folder, 'data');
  const identities = loadIdentities(join(ROOT, 'identities.yaml'));
  const tokens = new Map<string, string>();
  /** Version → the answer that was given when the integration stood there. */
  const live = new Map<number, string>();
  let platform: Platform;
  let address = '';

  const token = async (name: string): Promise<string> => {
    const person = personOf(identities, name);
    if (person === undefined) throw new TypeError(`Nobody is called ${name}.`);
    const signed =
      tokens.get(name) ?? (await signDevelopmentToken(developmentKeyFile(data), person, { identities }));
    tokens.set(name, signed);
    return signed;
  };
  const ask: Ask = async (path, as) => {
    const response = await fetch(`${address}${path}`, {
      headers: { authorization: `Bearer ${await token(as)}` },
    });
    return {
      status: response.status,
      etag: response.headers.get('etag'),
      type: response.headers.get('content-type'),
      text: await response.text(),
    };
  };
  const read = async <Body>(path: string): Promise<Body> =>
    JSON.parse((await ask(path, 'oscar')).text) as Body;

  beforeAll(async () => {
    await recordedDemo();
    const { config } = loadConfiguration('platform', {
      KWANUS_DATA_DIR: data,
      KWANUS_PORT: '0',
      KWANUS_PLAYBOOK: '1.0-demo',
      KWANUS_IDENTITIES: join(ROOT, 'identities.yaml'),
    });
    platform = await frozen(config);
    ({ address } = platform);
  }, 300_000);
  afterAll(async () => {
    await platform?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  /** Runs the demo, and keeps what is answered while it goes on. */
  async function recordedDemo(): Promise<void> {
    let over = false;
    const demo = kwanus(['demo', '--exit', '--data-dir', data], {}, (stdout) => {
      address = /The whole platform runs on (\S+),/.exec(stdout)?.[1] ?? '';
    }).finally(() => {
      over = true;
    });
    while (!over) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      const answer = address === '' ? null : await ask(`/v1/integrations/${ID}`, 'oscar').catch(() => null);
      if (answer?.status === 200)
        live.set((JSON.parse(answer.text) as { version: number }).version, answer.text);
    }
    const { code, stderr } = await demo;
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  }

  function frozen(config: Configuration<'platform'>): Promise<Platform> {
    const now = Date.now();
    const logger = new PinoLoggerService(createLogger({ level: 'silent', format: 'json' }));
    return startPlatform({ ...config, cursorKey: randomBytes(32) }, logger, () => undefined, {
      now: () => now,
    });
  }

  /** Ids that there are, taken from the lists. */
  async function values(): Promise<Values> {
    const ids = async (path: string, field: string): Promise<string[]> =>
      (await read<{ items: Record<string, string>[] }>(path)).items.map((item) => item[field] ?? '');
    const permissions = await read<{ permissions: { id: string }[] }>('/v1/permissions');
    const versions = await ids('/v1/releases', 'version');
    const views = await read<{ releases: { documents: { kind: string }[] }[] }>(`/v1/integrations/${ID}`);
    return {
      id: [ID, 'acme.none'],
      integration: [ID],
      integrationId: [ID, 'acme.none'],
      kind: views.releases[0]?.documents.map(({ kind }) => kind) ?? [],
      body: ['TSC', 'SCO', 'ERC', 'CGB'],
      '/v1/playbooks/{version} version': ['1.0', '1.0-demo', '0.9'],
      version: versions,
      release: versions,
      runId: await ids('/v1/validations', 'runId'),
      '/v1/permissions/{id} id': permissions.permissions.map(({ id }) => id),
      rolloutId: await ids('/v1/rollouts', 'rolloutId'),
      alertId: await ids('/v1/alerts', 'alertId'),
      consumer: ['intake.validation'],
      key: [ID],
    };
  }

  const moments = (): { version: string[]; at: string[] } => {
    const versions = [...live.keys()].sort((a, b) => a - b);
    const some = versions.filter((_, index) => index % Math.ceil(versions.length / 6) === 0);
    const times = some.map(
      (version) => (JSON.parse(live.get(version) ?? '{}') as { updatedAt: string }).updatedAt,
    );
    return { version: some.map(String), at: times };
  };

  it('[DC-3] is the same to the byte after the read models were dropped whole and rebuilt', async () => {
    const asked = { as: PEOPLE, values: await values(), moments: moments() };
    let before: ReadonlyMap<string, Answer> = new Map();
    // What the demo left is worked through first.
    await eventually(async () => {
      const first = before;
      before = await everyAnswer(ask, asked);
      return JSON.stringify([...first]) === JSON.stringify([...before]);
    }, 60_000);
    const good = [...before.values()].filter(({ status }) => status === 200);
    expect(good.length).toBeGreaterThan(300);

    const client = new pg.Client({ connectionString: new Server(data).url('kwanus') });
    await client.connect();
    const { rows } = await client.query<{ name: string }>(
      String.raw`SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE '%\_read' ORDER BY 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual([...READ_SCHEMAS].sort());
    for (const { name } of rows) await client.query(`DROP SCHEMA ${name} CASCADE`);
    await client.end();
    const ran = await kwanus(['projections', 'rebuild'], {
      KWANUS_URL: address,
      KWANUS_TOKEN: await token('oscar'),
    });
    expect(ran).toMatchObject({ code: 0 });

    const after = await everyAnswer(ask, asked);
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [request, answer] of before)
      expect({ request, ...after.get(request) }).toEqual({ request, ...answer });
  }, 180_000);

  it('of a past version is what was answered when the integration stood there', async () => {
    expect(live.size).toBeGreaterThan(40);
    for (const [version, answer] of live)
      expect((await ask(`/v1/integrations/${ID}?version=${version}`, 'oscar')).text).toBe(answer);
  });

  it('and what `kwanus replay --version` folds says the same', async () => {
    const environment = { KWANUS_URL: address, KWANUS_TOKEN: await token('oscar') };
    for (const version of moments().version) {
      const { stdout } = await kwanus(['replay', ID, '--version', version, '--json'], environment);
      const folded = JSON.parse(stdout) as Standing & {
        releases: Record<string, Standing['releases'][number]>;
      };
      const answered = JSON.parse(live.get(Number(version)) ?? '{}') as Standing;
      expect(standing({ ...folded, releases: Object.values(folded.releases) })).toEqual(standing(answered));
    }
  });
});

interface Standing {
  readonly status: string;
  readonly live: string | null;
  readonly playbook: string;
  readonly releases: readonly {
    release: string;
    step: number;
    status: string;
    files: unknown;
    rollout: unknown;
  }[];
}

const standing = ({ status, live, playbook, releases }: Standing) => ({
  status,
  live,
  playbook,
  releases: releases
    .map(({ release, step, status: at, files, rollout }) => ({ release, step, status: at, files, rollout }))
    .sort((a, b) => a.release.localeCompare(b.release)),
});
