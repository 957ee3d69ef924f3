import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  beside,
  brokerTurn,
  eventually,
  freePort,
  inDatabase,
  type OtlpReceiver,
  refusalOf,
  rightsIn,
  startOtlpReceiver,
  withKafka,
} from '@kwanus/testing-infra';
import { Company } from './demo/people.js';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const SERVICES = ['intake', 'validation', 'rollout', 'monitoring'] as const;
const PATIENCE_MS = 120_000;
const WATCH = join(ROOT, 'libs', 'testing', 'infra', 'connection-watch.mjs');

/** The commands of a block of docs/deploy.md, by the word behind its language. */
function commands(name: string): string {
  const text = readFileSync(join(ROOT, 'docs', 'deploy.md'), 'utf8');
  const found = new RegExp(`^\`\`\`sh ${name}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(text)?.[1];
  if (found === undefined) throw new Error(`docs/deploy.md has no commands for ${name}`);
  return found;
}

/** What docs/deploy.md has one do by hand, done: each block in a shell of its own, in a data folder and on ports of this spec. */
class Deployment {
  readonly folder = mkdtempSync(join(tmpdir(), 'kwanus-deploy-'));
  readonly connections = join(this.folder, 'connections');
  readonly said: string[] = [];
  /** Those that left without being asked. */
  readonly gone: string[] = [];
  private readonly shells: { readonly child: ChildProcess; readonly ended: Promise<number | null> }[] = [];

  constructor(private readonly environment: Readonly<Record<string, string>>) {
    // As root PostgreSQL runs as a user of its own, which has to reach its folder.
    chmodSync(this.folder, 0o755);
  }

  /** Blocks that share a shell are given together. */
  start(...names: string[]): Promise<number | null> {
    const name = names.join(', ');
    const { PATH = '', HOME = '' } = process.env;
    const child = beside(
      // By its name, the folder, a shell that an interrupted run leaves behind is found and ended.
      spawn('bash', ['-ec', names.map(commands).join(''), this.folder], {
        cwd: ROOT,
        env: { PATH, HOME, ...this.environment, DATA_DIR: this.folder, CONNECTIONS: this.connections },
        // A group of its own, so that what the shell started is reached too.
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => this.said.push(`${name}: ${text}`));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    void ended.then((code) => (code === 0 ? undefined : this.gone.push(`${name} (${code ?? 'killed'})`)));
    this.shells.push({ child, ended });
    return ended;
  }

  /** Asks everything to leave, what was started last first. */
  async close(): Promise<void> {
    for (const { child, ended } of this.shells.reverse()) {
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

withKafka('docs/deploy.md, followed by hand', () =>
  describe('docs/deploy.md, followed by hand', () => {
    let deployment: Deployment;
    let receiver: OtlpReceiver;
    let turn: { end: () => Promise<void> };
    let address: string;
    let adminUrl: string;
    const ports: Record<string, number> = {};

    beforeAll(async () => {
      turn = await brokerTurn();
      receiver = await startOtlpReceiver();
      for (const name of [...SERVICES, 'gateway']) ports[name] = await freePort();
      address = `http://127.0.0.1:${ports['gateway']}`;
      deployment = new Deployment({
        ...Object.fromEntries(
          Object.entries(ports).map(([name, port]) => [`${name.toUpperCase()}_PORT`, String(port)]),
        ),
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        NODE_OPTIONS: `--import ${pathToFileURL(WATCH).href}`,
        OTEL_METRIC_EXPORT_INTERVAL: '1000',
        OTEL_METRIC_EXPORT_TIMEOUT: '1000',
        OTEL_BSP_SCHEDULE_DELAY: '500',
      });
      void deployment.start('servers');
      await eventually(() => existsSync(join(deployment.folder, 'servers.env')), PATIENCE_MS);
      expect({ ended: await deployment.start('provision'), said: deployment.said }).toMatchObject({
        ended: 0,
      });
      for (const name of [...SERVICES, 'gateway']) void deployment.start(name);
      adminUrl = readFileSync(join(deployment.folder, 'secrets', 'postgres-admin-url'), 'utf8').trim();
    }, 300_000);
    afterAll(async () => {
      await deployment.close();
      await receiver.close();
      await turn.end();
    }, 60_000);

    it('[DC-1] [DC-4] carries an integration to sign-off through four processes', async () => {
      const ready = async (): Promise<boolean> =>
        (await fetch(`${address}/readyz`).catch(() => null))?.ok === true;
      await eventually(async () => deployment.gone.length > 0 || (await ready()), PATIENCE_MS);
      expect({ gone: deployment.gone, said: deployment.gone.length > 0 ? deployment.said : [] }).toEqual({
        gone: [],
        said: [],
      });
      void deployment.start('traffic');
      const ended = await deployment.start('integration', 'sign-off');
      expect({ ended, said: ended === 0 ? [] : deployment.said }).toEqual({ ended: 0, said: [] });
      const company = new Company(deployment.folder, address, join(ROOT, 'identities.yaml'));
      const { client } = await company.player('operator');
      const shown = await client.integrations.get('acme.parcels');
      expect(shown.releases).toMatchObject([{ release: '1.0.0', status: 'live' }]);
    }, 600_000);

    it('[DC-2] no service called another: each had connections to PostgreSQL, Kafka and the telemetry receiver only', () => {
      const servers = readFileSync(join(deployment.folder, 'servers.env'), 'utf8');
      const allowed: Readonly<Record<string, string>> = {
        [new URL(adminUrl).host]: 'PostgreSQL',
        [/KAFKA_BROKERS=(\S+)/.exec(servers)?.[1] ?? '']: 'Kafka',
        [new URL(receiver.url).host]: 'OTLP',
      };
      const begun = readFileSync(deployment.connections, 'utf8').trim().split('\n');
      const of = (app: string): string[] => {
        const main = join(ROOT, 'apps', app, 'dist', 'main.js');
        const targets = begun
          .filter((line) => line.startsWith(`${main} `))
          .map((line) => line.slice(main.length + 1));
        return [...new Set(targets.map((target) => allowed[target] ?? target))].sort();
      };
      for (const service of SERVICES)
        expect({ service, to: of(service) }).toEqual({ service, to: ['Kafka', 'OTLP', 'PostgreSQL'] });
      // The one that does call services is seen doing it: the watch is awake.
      expect(of('gateway')).toEqual(expect.arrayContaining([`127.0.0.1:${ports['intake']}`]));
    });

    it.each<[string, string[]]>([
      ['intake', ['pg.query', 'GET', 'POST']],
      ['validation', ['pg.query']],
      ['rollout', ['pg.query']],
      ['monitoring', ['pg.query', 'POST']],
      ['gateway', ['GET', 'POST']],
    ])('of %s there are spans of %j', (app, expected) => {
      const spans = receiver.spans.filter(({ service }) => service === `kwanus-${app}`);
      const kinds = new Set(spans.map(({ name }) => name.split(/[: ]/)[0]));
      expect([...kinds]).toEqual(expect.arrayContaining(expected));
    });

    it('a trace crosses Kafka: from a command of intake into the other services', async () => {
      const servicesOf = (traceId: string): Set<string> =>
        new Set(receiver.spans.filter((span) => span.traceId === traceId).map(({ service }) => service));
      const reaches = (service: string): boolean =>
        receiver.spans.some(
          (span) => span.service === `kwanus-${service}` && servicesOf(span.traceId).has('kwanus-intake'),
        );
      for (const service of ['validation', 'rollout', 'monitoring'])
        await eventually(() => reaches(service), PATIENCE_MS);
    }, 120_000);

    describe('[DC-1] the roles of a service', () => {
      const secret = (file: string): string =>
        readFileSync(join(deployment.folder, 'secrets', file), 'utf8').trim();
      const rolesOf = (service: string): string[] => [`kwanus_${service}`, `kwanus_${service}_owner`];
      const others = (service: string): string[] => SERVICES.filter((other) => other !== service);
      const strangersIn = (service: string) =>
        rightsIn(adminUrl, `kwanus_${service}`, others(service).flatMap(rolesOf));

      it.each(SERVICES)('%s are refused by the databases of all others', async (service) => {
        for (const file of [`${service}-database-url`, `${service}-migration-url`]) {
          expect(await refusalOf(secret(file), `kwanus_${service}`)).toBeNull();
          for (const other of others(service))
            expect({ other, refused: await refusalOf(secret(file), `kwanus_${other}`) }).toEqual({
              other,
              refused: '42501',
            });
        }
      });

      it.each(SERVICES)(
        'of others can do nothing to any schema, table, sequence or function of %s',
        async (service) => {
          expect(await strangersIn(service)).toEqual([]);
        },
      );

      it.each([
        'CONNECT ON DATABASE kwanus_intake',
        'USAGE ON SCHEMA intake',
        'SELECT ON intake.es_event',
        'UPDATE (type) ON intake.es_event',
        'INSERT ON ALL TABLES IN SCHEMA intake_read',
        'USAGE ON ALL SEQUENCES IN SCHEMA intake',
        'EXECUTE ON ALL FUNCTIONS IN SCHEMA intake',
        'kwanus_intake_owner',
      ])('would be found out by one GRANT: %s', async (grant) => {
        const { text, undo } = planted(grant, 'kwanus_rollout');
        await inDatabase(adminUrl, 'kwanus_intake', text);
        const found = await strangersIn('intake');
        await inDatabase(adminUrl, 'kwanus_intake', undo);
        expect(found.length).toBeGreaterThan(0);
        expect(found.every((right) => right.startsWith('kwanus_rollout in kwanus_intake: '))).toBe(true);
        expect(await strangersIn('intake')).toEqual([]);
      });

      it.each<[string, string, boolean]>([
        ['intake', 'SELECT FROM artifacts.artifact LIMIT 0', true],
        ['intake', 'INSERT INTO artifacts.artifact SELECT * FROM artifacts.artifact WHERE false', true],
        ['intake', 'DELETE FROM artifacts.artifact WHERE false', false],
        ['intake', 'UPDATE artifacts.artifact SET size = 0 WHERE false', false],
        ['intake', 'CREATE TABLE artifacts.mine ()', false],
        ['validation', 'SELECT FROM artifacts.artifact LIMIT 0', true],
        ['validation', 'INSERT INTO artifacts.artifact SELECT * FROM artifacts.artifact WHERE false', false],
        ['rollout', 'SELECT FROM artifacts.artifact LIMIT 0', true],
        ['rollout', 'INSERT INTO artifacts.artifact SELECT * FROM artifacts.artifact WHERE false', false],
      ])('on artefacts: %s, %s: %s', async (service, statement, allowed) => {
        const done = inDatabase(secret(`${service}-artifacts-url`), 'kwanus_artifacts', statement);
        if (allowed) await done;
        else await expect(done).rejects.toMatchObject({ code: '42501' });
      });

      it('of monitoring do not reach the artefacts at all', async () => {
        for (const file of ['monitoring-database-url', 'monitoring-migration-url'])
          expect(await refusalOf(secret(file), 'kwanus_artifacts')).toBe('42501');
        expect(await rightsIn(adminUrl, 'kwanus_artifacts', rolesOf('monitoring'))).toEqual([]);
      });
    });
  }),
);

/** @returns a GRANT to a role, and what takes it back; a name alone is membership */
function planted(grant: string, role: string): { text: string; undo: string } {
  return { text: `GRANT ${grant} TO ${role}`, undo: `REVOKE ${grant} FROM ${role}` };
}
