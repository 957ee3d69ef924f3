import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { beside, ROOT, withKafka } from '@kwanus/testing-infra';
import type { SoakReport } from './soak.js';

/** Reproduces a run: `TEST_SEED=… npm run jest -- soak`. */
const SEED = Number(process.env['TEST_SEED'] ?? Date.now() % 1_000_000);
const INTEGRATIONS = 200;
const OUTAGE_S = 10;
const KILL_EVERY_S = 15;
const INSTANCES = 2;

withKafka('chaos', () =>
  describe(`${INTEGRATIONS} integrations while processes are killed, and broker and PostgreSQL are gone for ${OUTAGE_S} s each (seed ${SEED})`, () => {
    let told = '';
    let report: SoakReport;

    beforeAll(async () => {
      const options = {
        minutes: 0,
        seed: SEED,
        integrations: INTEGRATIONS,
        outage: OUTAGE_S,
        every: KILL_EVERY_S,
        instances: INSTANCES,
      };
      const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
      const run = beside(
        spawn(process.execPath, [join(ROOT, 'dist/soak.js'), '--json', ...args], {
          cwd: ROOT,
          stdio: ['ignore', 'pipe', 'pipe'],
        }),
      );
      let said = '';
      run.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      run.stderr.setEncoding('utf8').on('data', (text: string) => {
        told += text;
      });
      await new Promise((resolve) => run.once('close', resolve));
      if (said === '') throw new Error(told);
      report = JSON.parse(said) as SoakReport;
    }, 900_000);

    it('[DC-2] [DC-3] leaves every integration where it would have been, every chain whole, and nothing done twice', () => {
      expect({ wrong: report.wrong, told }).toEqual({ wrong: [], told });
      expect(report.integrations).toBe(INTEGRATIONS);
      expect(report.logs.events).toBeGreaterThan(INTEGRATIONS * 5);
    });

    it('did disturb it', () => {
      expect(report.brokerOutages).toBeGreaterThanOrEqual(1);
      expect(report.postgresOutages).toBeGreaterThanOrEqual(1);
      expect(report.kills).toBeGreaterThanOrEqual(3);
    });

    it('shares the work: every process of a service has partitions of its own', () => {
      expect(report.shares.length).toBeGreaterThan(3);
      for (const { group, members } of report.shares)
        expect({ group, busy: members.filter((partitions) => partitions > 0).length }).toEqual({
          group,
          busy: INSTANCES,
        });
    });
  }),
);
