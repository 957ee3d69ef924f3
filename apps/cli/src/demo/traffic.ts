import { randomUUID } from 'node:crypto';
import { rolloutHttp } from '@kwanus/contracts';
import type { KwanusClient } from '@kwanus/platform-client';
import { sendTelemetry } from '../send-telemetry.js';

/** How the platform's own services behave in the demo: which workspaces there are, and how often a release fails. */
export interface TrafficOptions {
  readonly client: KwanusClient;
  readonly integration: string;
  readonly operations: readonly string[];
  readonly workflow: string;
  readonly permission: string;
  /** @returns the share of calls of a release that end with 500, 0..1 */
  readonly errorRate: (release: string) => number;
  /** Called when a round failed, for example while the platform is away; traffic goes on. */
  readonly onTrouble: (error: unknown) => void;
}

const WORKSPACES = Array.from(
  { length: 300 },
  (_, index) => `workspace-${String(index + 1).padStart(3, '0')}`,
);
/** Workspaces that rollouts name in their lists: the platform's own, and the partner's. */
const NAMED = ['internal', 'readme'];
/** Each round asks for, and reports, the next of them, some at a time: all of them in two seconds where the platform is quick. */
const A_ROUND = 75;
const AT_A_TIME = 15;
const ROUND_MS = 500;

/**
 * The traffic of a platform's services: each workspace's call goes to the release that the flag says is on for it (asked over
 * OFREP, in bulk), and what became of the call is sent as telemetry. Nothing tells the platform which release is the new one.
 */
export class Traffic {
  private readonly stopping = new AbortController();
  private done: Promise<void> = Promise.resolve();
  private next = 0;
  sent = 0;

  constructor(private readonly options: TrafficOptions) {}

  start(): void {
    this.done = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.done;
  }

  private async run(): Promise<void> {
    for (let round = 0; !this.stopping.signal.aborted; round += 1) {
      const begun = Date.now();
      try {
        await this.round(round, begun + ROUND_MS / 2);
      } catch (error) {
        this.options.onTrouble(error);
      }
      const took = Date.now() - begun;
      // A platform that is slow to answer has as long a time to itself: traffic must not be all that it gets done.
      await new Promise((resolve) => setTimeout(resolve, Math.max(ROUND_MS - took, took)));
    }
  }

  /** Asks until the moment, and reports that: were a whole round awaited, windows of a slow platform would stay empty. */
  private async round(round: number, until: number): Promise<void> {
    const served = await this.served(NAMED);
    while (served.length < NAMED.length + A_ROUND && Date.now() < until) {
      served.push(...(await this.served(WORKSPACES.slice(this.next, this.next + AT_A_TIME))));
      this.next = (this.next + AT_A_TIME) % WORKSPACES.length;
    }
    const events = served.flatMap(({ workspace, release }, index) =>
      release === null ? [] : this.calls(workspace, release, round + index),
    );
    if (events.length === 0) return;
    this.sent += await sendTelemetry(this.options.client, events);
  }

  private served(workspaces: readonly string[]): Promise<{ workspace: string; release: string | null }[]> {
    return Promise.all(
      workspaces.map(async (workspace) => ({ workspace, release: await this.releaseFor(workspace) })),
    );
  }

  /** @returns the release that is on for the workspace, null when none is */
  private async releaseFor(workspace: string): Promise<string | null> {
    const { client, integration } = this.options;
    const flag = await client.calls.post(
      `/ofrep/v1/evaluate/flags/${integration}`,
      { context: { targetingKey: workspace } },
      rolloutHttp.FlagEvaluation,
    );
    return flag.value.release;
  }

  private calls(workspace: string, release: string, seed: number): unknown[] {
    const { integration, operations, workflow, permission, errorRate } = this.options;
    const common = { integration, release, workspace, at: new Date().toISOString() };
    const failed = fraction(seed) < errorRate(release);
    return [
      event('api-call', {
        ...common,
        operation: operations[seed % operations.length],
        status: failed ? 500 : 200,
        durationMs: 20 + (seed % 60),
      }),
      event('workflow-run', {
        ...common,
        workflow,
        outcome: failed ? 'failed' : 'succeeded',
        durationMs: 80 + (seed % 90),
      }),
      event('permission-use', { ...common, permission, resource: 'release', decision: 'allowed' }),
    ];
  }
}

const event = (type: string, data: object): object => ({
  specversion: '1.0',
  id: randomUUID(),
  source: 'demo/platform-services',
  type: `kwanus.telemetry.${type}.v1`,
  data,
});

/** A fixed spread over 0..1 (golden-ratio sequence), so that every run of the demo sends the same pattern. */
const fraction = (seed: number): number => (seed * 0.618_033_988_75) % 1;
