import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Company } from '../demo/people.js';
import { type Applicant, drive, GOALS, type Goal } from './applicant.js';
import { Disturbances, type Disturbed } from './disturbances.js';
import { inspectLogs, type LogsReport } from './logs.js';
import { SoakedPlatform } from './platform.js';
import { seededRandom } from './random.js';
import { type Share, sharesOf } from './shares.js';
import { difference, trailOf } from './trails.js';

/** What is done to the platform. */
export interface SoakOptions {
  /** An empty folder; everything that is written is below it. */
  readonly folder: string;
  readonly identitiesFile: string;
  readonly seed: number;
  readonly integrations: number;
  /** Of them, how many go as far as the rollout: a share, 0..1. */
  readonly rollouts: number;
  /** Driven at the same time. */
  readonly concurrency: number;
  /** Processes of each service. */
  readonly instances: number;
  readonly outageMs: number;
  readonly killEveryMs: number;
  /** The disturbances go on at least so long, with ever more integrations. */
  readonly atLeastMs: number;
  readonly onNews: (what: string) => void;
  /** A line that a process of the platform logged: warnings and errors. */
  readonly onLog: (line: string) => void;
}

/** What came of it. */
export interface SoakReport extends Disturbed {
  readonly seed: number;
  readonly integrations: number;
  readonly logs: LogsReport;
  /** Who reads what when all is over. */
  readonly shares: readonly Share[];
  /** Everything that is not as it would have been; empty when all is well. */
  readonly wrong: readonly string[];
}

const SETTLE_MS = 120_000;
const LOOK_EVERY_MS = 1_000;
const RETRY_FOR_MS = 300_000;

/**
 * Takes integrations to where they rest while processes are killed, the broker and PostgreSQL go away and come back; then compares each with
 * one that was left in peace, and looks into the logs.
 */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { folder, identitiesFile, instances, onNews } = options;
  const calls = new AbortController();
  const platform = new SoakedPlatform({
    folder,
    identitiesFile,
    instances,
    onLog: (line) => options.onLog(line),
  });
  try {
    onNews(`seed ${options.seed}: ${instances} processes of each service start`);
    const address = await platform.start();
    const { signal } = calls;
    const company = new Company(platform.data, address, identitiesFile, { retryForMs: RETRY_FOR_MS, signal });
    return await Promise.race([platform.failure(), new Soak(options, platform, company).run()]);
  } finally {
    calls.abort();
    await platform.stop();
  }
}

class Soak {
  private readonly random: () => number;
  private readonly applicants: Applicant[] = [];
  private started = 0;

  constructor(
    private readonly options: SoakOptions,
    private readonly platform: SoakedPlatform,
    private readonly company: Company,
  ) {
    this.random = seededRandom(options.seed);
  }

  async run(): Promise<SoakReport> {
    const { seed, onNews } = this.options;
    const peaceful = await this.inPeace();
    onNews('an integration of each kind went its way in peace');
    const disturbed = await this.disturbed();
    await this.platform.whole();
    const wrong = await this.compared(peaceful);
    const shares = await this.shared();
    const logs = await this.inspected();
    return {
      ...disturbed,
      seed,
      integrations: this.applicants.length,
      logs,
      shares,
      wrong: [...wrong, ...logs.wrong],
    };
  }

  /** @returns the trail of one integration of each kind, when nothing was added to it for a while */
  private async inPeace(): Promise<ReadonlyMap<Goal, string[]>> {
    const trails = await Promise.all(
      GOALS.map(async (goal) => {
        const applicant = await this.apply(`peaceful-${goal}`, goal);
        return [goal, await this.settled(applicant)] as const;
      }),
    );
    return new Map(trails);
  }

  private async settled(applicant: Applicant): Promise<string[]> {
    const { client } = await this.company.player('operator');
    const until = Date.now() + SETTLE_MS;
    for (let before: string[] = []; Date.now() < until; await pause(5 * LOOK_EVERY_MS)) {
      const trail = await trailOf(client, applicant);
      if (trail.length > 0 && trail.length === before.length) return trail;
      before = trail;
    }
    throw new Error(`${applicant.id} does not come to rest`);
  }

  private async disturbed(): Promise<Disturbed> {
    const { outageMs, killEveryMs, atLeastMs, concurrency, onNews } = this.options;
    const until = Date.now() + atLeastMs;
    const disturbances = new Disturbances(this.platform, {
      random: this.random,
      outageMs,
      killEveryMs,
      onNews,
    });
    const more = (): boolean => this.started < this.options.integrations || Date.now() < until;
    const lane = async (): Promise<void> => {
      while (more()) await this.next();
    };
    const lanes = Promise.all(Array.from({ length: concurrency }, lane));
    const failure = Promise.all([disturbances.failure, lanes]);
    failure.catch(() => undefined);
    try {
      await Promise.race([failure, disturbances.reached({ outages: 1, kills: 3 })]);
      await Promise.race([failure, pause(Math.max(0, until - Date.now()))]);
      disturbances.endOutages();
      await Promise.race([disturbances.failure, lanes]);
    } catch (error) {
      await disturbances.stop();
      throw error;
    }
    onNews('everything comes back; what is under way comes to rest');
    return disturbances.stop();
  }

  private async next(): Promise<void> {
    this.started += 1;
    const nr = this.started;
    const goal: Goal = nr % Math.round(1 / this.options.rollouts) === 0 ? 'rollout' : 'prepared';
    this.applicants.push(await this.apply(`parcels-${String(nr).padStart(4, '0')}`, goal));
    if (this.applicants.length % 20 === 0)
      this.options.onNews(`${this.applicants.length} integrations are where they rest`);
  }

  private apply(name: string, goal: Goal): Promise<Applicant> {
    return drive(
      { name, goal },
      {
        company: this.company,
        folder: join(this.options.folder, 'submissions'),
        patienceMs: RETRY_FOR_MS,
      },
    );
  }

  /** Consumers that were killed last have yet to catch up: what is wrong still after a while is wrong. */
  private async inspected(): Promise<LogsReport> {
    const until = Date.now() + SETTLE_MS;
    for (;;) {
      const logs = await inspectLogs(this.platform);
      if (logs.wrong.length === 0 || Date.now() > until) return logs;
      await pause(LOOK_EVERY_MS);
    }
  }

  /** Waits until the processes that were started last have joined their groups and got their partitions. */
  private async shared(): Promise<Share[]> {
    const until = Date.now() + SETTLE_MS;
    for (;;) {
      const shares = await sharesOf(this.platform.broker.address);
      const whole = shares.every(
        ({ settled, members }) => settled && members.length === this.options.instances,
      );
      if ((shares.length > 0 && whole) || Date.now() > until) return shares;
      await pause(LOOK_EVERY_MS);
    }
  }

  /** Waits until every trail is that of its peaceful model. @returns what is not, after a while */
  private async compared(peaceful: ReadonlyMap<Goal, string[]>): Promise<string[]> {
    const { client } = await this.company.player('operator');
    const until = Date.now() + SETTLE_MS;
    let left: readonly Applicant[] = this.applicants;
    for (;;) {
      const wrong: string[] = [];
      const differing: Applicant[] = [];
      for (const applicant of left) {
        const differences = difference(peaceful.get(applicant.goal) ?? [], await trailOf(client, applicant));
        const { intact } = await client.verifyChain(applicant.id);
        if (!intact) differences.push('the chain is broken');
        if (differences.length === 0) continue;
        differing.push(applicant);
        wrong.push(...differences.map((what) => `${applicant.id} (${applicant.goal}): ${what}`));
      }
      left = differing;
      if (left.length === 0 || Date.now() > until) return wrong;
      await pause(LOOK_EVERY_MS);
    }
  }
}
