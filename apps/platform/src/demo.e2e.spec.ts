import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Configuration, loadConfiguration } from '@kwanus/config';
import { Server } from '@kwanus/database';
import { createLogger, PinoLoggerService } from '@kwanus/telemetry';
import { eventually, kwanus, ROOT } from '@kwanus/testing-infra';
import pg from 'pg';
import { type Platform, startPlatform } from './platform.js';
import { type Answer, type Ask, everyAnswer, type Values } from './testing/every-answer.js';
import { RecordedDemo } from './testing/recorded-demo.js';

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

/** One run of the main job: what it says, and what it leaves behind. */
describe('the demo', () => {
  const demo = new RecordedDemo(ID);
  let output = '';

  beforeAll(async () => {
    await demo.run();
    output = demo.ran.stdout;
  }, 600_000);
  afterAll(() => demo.remove());

  it('ends with 0', () => {
    const { code, stdout, stderr } = demo.ran;
    expect({ code, end: code === 0 ? '' : stdout.slice(-2_000) + stderr }).toEqual({ code: 0, end: '' });
  });

  it('announces the overlay of the playbook in its first lines', () => {
    expect(output.split('\n').slice(0, 6).join('\n')).toContain('Playbook 1.0-demo is playbook 1.0');
  });

  it('[PB-2.1] [PB-2.2] [PB-2.3] [PB-2.4] [PB-2.5] [PB-2.6] [PB-2.7] takes the first release through all seven steps', () => {
    for (const step of [1, 2, 3, 4, 5, 6, 7]) expect(output).toContain(`Step ${step} — `);
    expect(output).toContain('readme.developer-hub 1.0.0 is signed off');
  });

  it('tells what the gates ask of whom, and every stage of a rollout with the numbers behind it', () => {
    expect(output).toMatch(
      /\n +asks TSC +approval by TSC \(technical\)\n +SCO +approval by SCO \(security\)\n/,
    );
    expect(output).toMatch(/ s {2}rollout +release 1\.0\.0 is on at 5 \(5 %\)\n/);
    expect(output).toMatch(/ s {2}rollout +the gate of 5 holds for 1\.0\.0 \(api-errors 0 of \d+ failed/);
    expect(output).toMatch(/ s {2}monitoring +page for 2\.0\.0: api-errors, the error budget burns too fast/);
  });

  it('says only what is new of the checks of later releases', () => {
    expect(output.match(/✓ forbidden-permissions /g)).toHaveLength(1);
    expect(output).toMatch(/✓ \d+ more, which say what they said before/);
  });

  it('ends with commands that lead to what it left behind', () => {
    expect(output).toContain(`export KWANUS_DATA_DIR=${demo.data}\n`);
    expect(output).toContain('npm run kwanus -- replay readme.developer-hub --step');
  });

  it('[PB-6.05] finds 15 changes in the second contract, none of which breaks, and reviews only what changed', () => {
    expect(output).toMatch(/contract-diff +15 changes against 1\.0\.0; 0 break clients/);
    const again = /reviewed again: (.+)/.exec(output)?.[1] ?? '';
    expect(again).toContain('checkpoint:compatibility');
    expect(again).not.toMatch(/checkpoint:(?:permission|security|workflow)|approval:/);
    expect(output).toContain('readme.developer-hub 1.1.0 is signed off');
  });

  it('[PB-6.03] [PB-6.04] [PB-9.05] stops the third release with the findings that say why', () => {
    for (const operation of ['GET /apply', 'POST /apply', 'POST /api-validation'])
      expect(output).toContain(`FD403  ${operation}`);
    expect(output).toContain('SV402');
  });

  it('[PB-9.06] rolls back by itself, with the numbers that decided', () => {
    expect(output).toMatch(
      /release 2\.0\.0 is rolled back by itself at \S+ to 1\.1\.0: .*page-quick fires; \d+ of \d+ failed/,
    );
    expect(output).toMatch(
      /api-errors: (\d+) of \d+ failed; of the release before it 0 of \d+; objective 99\.9 %/,
    );
    expect(output).toMatch(/page-quick fires: \d+ of \d+ in its long window, \d+\.\d\d times the budget/);
  });

  it('[DC-3] ends with the trail and a hash chain that holds', () => {
    expect(output).toMatch(/Hash chain: \d+ events recomputed from the stored bytes, all of them hold/);
  });

  /** What the demo left behind, looked at by a platform whose clock stands still. */
  describe('every answer', () => {
    let platform: Platform;
    let ask: Ask;

    const read = async <Body>(path: string): Promise<Body> =>
      JSON.parse((await ask(path, 'oscar')).text) as Body;

    beforeAll(async () => {
      const { config } = loadConfiguration('platform', {
        KWANUS_DATA_DIR: demo.data,
        KWANUS_PORT: '0',
        KWANUS_PLAYBOOK: '1.0-demo',
        KWANUS_IDENTITIES: join(ROOT, 'identities.yaml'),
      });
      platform = await frozen(config);
      ask = demo.asking(platform.address);
    }, 60_000);
    afterAll(() => platform?.stop(), 60_000);

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
      const versions = [...demo.live.keys()].sort((a, b) => a - b);
      const some = versions.filter((_, index) => index % Math.ceil(versions.length / 6) === 0);
      const times = some.map(
        (version) => (JSON.parse(demo.live.get(version) ?? '{}') as { updatedAt: string }).updatedAt,
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
      }, 240_000);
      const good = [...before.values()].filter(({ status }) => status === 200);
      expect(good.length).toBeGreaterThan(300);

      const client = new pg.Client({ connectionString: new Server(demo.data).url('kwanus') });
      await client.connect();
      const { rows } = await client.query<{ name: string }>(
        String.raw`SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE '%\_read' ORDER BY 1`,
      );
      expect(rows.map(({ name }) => name)).toEqual([...READ_SCHEMAS].sort());
      for (const { name } of rows) await client.query(`DROP SCHEMA ${name} CASCADE`);
      await client.end();
      const ran = await kwanus(['projections', 'rebuild'], {
        KWANUS_URL: platform.address,
        KWANUS_TOKEN: await demo.token('oscar'),
      });
      expect(ran).toMatchObject({ code: 0 });

      const after = await everyAnswer(ask, asked);
      expect([...after.keys()]).toEqual([...before.keys()]);
      for (const [request, answer] of before)
        expect({ request, ...after.get(request) }).toEqual({ request, ...answer });
    }, 480_000);

    it('of a past version is what was answered when the integration stood there', async () => {
      expect(demo.live.size).toBeGreaterThan(40);
      for (const [version, answer] of demo.live)
        expect((await ask(`/v1/integrations/${ID}?version=${version}`, 'oscar')).text).toBe(answer);
    });

    it('and what `kwanus replay --version` folds says the same', async () => {
      const environment = { KWANUS_URL: platform.address, KWANUS_TOKEN: await demo.token('oscar') };
      for (const version of moments().version) {
        const { stdout } = await kwanus(['replay', ID, '--version', version, '--json'], environment);
        const folded = JSON.parse(stdout) as Standing & {
          releases: Record<string, Standing['releases'][number]>;
        };
        const answered = JSON.parse(demo.live.get(Number(version)) ?? '{}') as Standing;
        expect(standing({ ...folded, releases: Object.values(folded.releases) })).toEqual(standing(answered));
      }
    });
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
