import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { wholeNumber } from '../arguments.js';
import { soak } from './soak.js';

const SECOND = 1_000;
/** The share of the integrations that go as far as the rollout; the others rest in the preparation. */
const ROLLOUTS = 0.05;

interface Arguments {
  readonly minutes: number;
  readonly seed: number;
  readonly outage: number;
  readonly every: number;
  readonly instances: number;
  readonly integrations: number;
  readonly json: boolean;
}

const { minutes, seed, outage, every, instances, integrations, json } = new Command('soak')
  .description(
    'Takes integrations through four services over a real Apache Kafka while processes are killed and broker and database go away.',
  )
  .option('--minutes <n>', 'how long it is disturbed', wholeNumber, 20)
  .option('--seed <n>', 'the same seed makes the same plan', wholeNumber, Date.now() % 1_000_000)
  .option('--outage <seconds>', 'how long broker and PostgreSQL stay away', wholeNumber, 60)
  .option('--every <seconds>', 'mean time between two kills', wholeNumber, 5)
  .option('--instances <n>', 'processes of each service', wholeNumber, 2)
  .option('--integrations <n>', 'at least so many', wholeNumber, 200)
  .option(
    '--json',
    'one JSON document at the end, on standard output; the rest goes to standard error',
    false,
  )
  .parse()
  .opts<Arguments>();

const started = Date.now();
const say = (what: string): void => {
  const seconds = (Date.now() - started) / SECOND;
  (json ? process.stderr : process.stdout).write(`${seconds.toFixed(1).padStart(8)} s  ${what}\n`);
};
mkdirSync('reports', { recursive: true });
const log = createWriteStream(join('reports', 'soak.log'));
const folder = mkdtempSync(join(tmpdir(), 'kwanus-soak-'));
try {
  const report = await soak({
    folder,
    identitiesFile: 'identities.yaml',
    seed,
    integrations,
    rollouts: ROLLOUTS,
    concurrency: Math.min(integrations, 200),
    instances,
    outageMs: outage * SECOND,
    killEveryMs: every * SECOND,
    atLeastMs: minutes * 60 * SECOND,
    onNews: say,
    onLog: (line) => log.write(`${line}\n`),
  });
  const { kills, brokerOutages, postgresOutages, logs, wrong } = report;
  say(
    `${report.integrations} integrations, ${kills} kills, ${brokerOutages} outages of Apache Kafka and ${postgresOutages} of PostgreSQL; ${logs.events} events in ${logs.streams} streams`,
  );
  for (const what of wrong) say(`WRONG: ${what}`);
  say(
    wrong.length === 0
      ? `Everything is where it would have been (seed ${seed}).`
      : `${wrong.length} things are wrong. Again: npm run soak -- --seed ${seed}`,
  );
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
} catch (error) {
  const why = error instanceof Error ? error.message : String(error);
  say(
    `Given up: ${why} What the processes said is in reports/soak.log. Again: npm run soak -- --seed ${seed}`,
  );
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
