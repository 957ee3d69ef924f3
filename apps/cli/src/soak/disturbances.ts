import { setTimeout as pause } from 'node:timers/promises';
import type { SoakedPlatform } from './platform.js';

/** How hard it is. */
export interface DisturbanceOptions {
  /** Uniform over 0..1; the same seed makes the same plan. */
  readonly random: () => number;
  readonly outageMs: number;
  /** The mean time between two kills. */
  readonly killEveryMs: number;
  readonly onNews: (what: string) => void;
}

/** What was done to the platform. */
export interface Disturbed {
  readonly brokerOutages: number;
  readonly postgresOutages: number;
  readonly kills: number;
}

/** The time between two outages, in outages: what is never there shows nothing. */
const BETWEEN = 2;
const LOOK_EVERY_MS = 100;

/**
 * Disturbs a platform until it is told that it was enough: a process of a service is killed every few seconds, and meanwhile, as long as
 * that is wanted, the broker and PostgreSQL are taken away in turn. What is away comes back before it ends.
 */
export class Disturbances {
  private readonly enough = new AbortController();
  private readonly outagesEnough = new AbortController();
  private readonly done: Promise<unknown>;
  /** Rejects when something that was taken away can't be brought back. */
  readonly failure: Promise<never>;
  private readonly counts = { brokerOutages: 0, postgresOutages: 0, kills: 0 };

  constructor(
    private readonly platform: SoakedPlatform,
    private readonly options: DisturbanceOptions,
  ) {
    this.done = Promise.all([this.outages(), this.kills()]);
    this.failure = new Promise((_, reject) => {
      this.done.catch(reject);
    });
    this.failure.catch(() => undefined);
  }

  /** Resolves when each kind was done so often, or when it is stopped. */
  async reached({ outages, kills }: { outages: number; kills: number }): Promise<void> {
    const enough = (): boolean => {
      const { brokerOutages, postgresOutages, kills: killed } = this.counts;
      return Math.min(brokerOutages, postgresOutages) >= outages && killed >= kills;
    };
    while (!enough() && !this.enough.signal.aborted) await pause(LOOK_EVERY_MS);
  }

  /** From now on processes are killed, and nothing else. */
  endOutages(): void {
    this.outagesEnough.abort();
  }

  async stop(): Promise<Disturbed> {
    this.endOutages();
    this.enough.abort();
    await this.done;
    return this.counts;
  }

  private async outages(): Promise<void> {
    const { outageMs, onNews } = this.options;
    while (await this.rest(outageMs, this.outagesEnough.signal)) {
      onNews(`PostgreSQL is gone for ${outageMs / 1000} s`);
      await this.platform.postgresGone(outageMs);
      this.counts.postgresOutages += 1;
      if (!(await this.rest(BETWEEN * outageMs, this.outagesEnough.signal))) break;
      onNews(`Apache Kafka is gone for ${outageMs / 1000} s`);
      await this.platform.brokerGone(outageMs);
      this.counts.brokerOutages += 1;
      if (!(await this.rest((BETWEEN - 1) * outageMs, this.outagesEnough.signal))) break;
    }
  }

  private async kills(): Promise<void> {
    const { random, killEveryMs, onNews } = this.options;
    while (await this.rest(killEveryMs * (0.5 + random()), this.enough.signal)) {
      // Were those killed that still start, a slow machine would never get to work.
      const running = this.platform.processes().filter(({ settled }) => settled);
      const victim = running[Math.floor(random() * running.length)];
      if (victim === undefined) continue;
      onNews(`kill -9 of ${victim.service} (${victim.pid})`);
      process.kill(victim.pid, 'SIGKILL');
      this.counts.kills += 1;
    }
  }

  /** @returns false when it is enough */
  private async rest(ms: number, signal: AbortSignal): Promise<boolean> {
    await pause(ms, undefined, { signal }).catch(() => undefined);
    return !signal.aborted;
  }
}
