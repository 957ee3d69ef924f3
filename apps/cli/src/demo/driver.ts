import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { mediaTypeOf } from '@kwanus/checks-catalogue/submission';
import type { intakeHttp } from '@kwanus/contracts';
import { ApiProblem } from '@kwanus/platform-client';
import type { z } from 'zod';
import { CommandFailed, EXIT } from '../exit.js';
import type { Narrator } from './narrator.js';
import { type Company, type Part, partFor } from './people.js';

type Gates = z.infer<typeof intakeHttp.GatesView>;
type Step = Gates['releases'][number]['steps'][number];
type Missing = Step['missing'][number];

/** What the demo's people do about a requirement; false: nothing, it is waited for. */
export type Act = (missing: Missing, release: string) => Promise<boolean>;

export interface DriverOptions {
  readonly integration: string;
  readonly company: Company;
  /** Null: nobody watches. */
  readonly narrator: Narrator | null;
  /** Folder of the submission, for evidence. */
  readonly folder: string;
  /** Evidence file for each task. */
  readonly evidence: Readonly<Record<string, string>>;
  /** The integration's version that was committed last: reads wait for it. */
  readonly version: number;
  /** How often gates that nobody acts for are read again. Default 150. */
  readonly lookEveryMs?: number;
  /** How long nothing may move. Default 120 000. */
  readonly patienceMs?: number;
}

const PHASES: Readonly<Record<string, 'preparation' | 'implementation'>> = {
  preparation: 'preparation',
  implementation: 'implementation',
};
const BALLOTS: Readonly<Record<string, 'approval' | 'checkpoint' | 'step' | 'sign-off'>> = {
  approval: 'approval',
  checkpoint: 'checkpoint',
  'rollout-step': 'step',
  'sign-off': 'sign-off',
};
/** What services do that no person sees happen otherwise, and which of them it is. */
const TOLD: Readonly<Record<string, string>> = {
  RolloutPlanned: 'rollout',
  RolloutStepStarted: 'rollout',
  RolloutHeld: 'rollout',
  RolloutStepAdvanced: 'rollout',
  BakeStarted: 'rollout',
  RolloutCompleted: 'rollout',
  AlertRaised: 'monitoring',
  CompatibilityMatrixUpdated: 'validation',
};
const PATIENCE_MS = 120_000;
const LOOK_EVERY_MS = 150;
const WAIVED_FOR_MS = 90 * 24 * 3600 * 1000;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Takes a release through the steps by doing nothing but what its gates ask for, as whoever they name. */
export class Driver {
  private announced = '';
  /** What was done, so that nobody does it twice while a read model catches up. */
  private readonly done = new Set<string>();

  /** What was written last; reads wait until they show it. */
  private seen: number;

  /** Number of the last event that was looked at for news. */
  private told: number;

  constructor(private readonly options: DriverOptions) {
    this.seen = options.version;
    this.told = options.version;
  }

  /** The integration's version that was committed last. */
  get version(): number {
    return this.seen;
  }

  /**
   * Does what the gates ask for until the function says that it is enough.
   * @param enough looks at the release's gates; true ends the drive
   * @throws CommandFailed when nothing moves for two minutes: it names what was waited for
   */
  async drive(release: string, enough: (gates: Gates['releases'][number]) => boolean): Promise<void> {
    let movedAt = Date.now();
    // A rollout that goes to and fro between a hold and its end does not move.
    const been = new Set<string>();
    for (;;) {
      const { shown, version } = await this.gates(release);
      await this.news(release, version);
      if (enough(shown)) return;
      const step = shown.steps.find(({ state }) => state === 'current');
      if (step !== undefined) this.announce(release, step);
      const acted = step === undefined ? false : await this.act(step, release);
      const place = placeOf(shown);
      if (acted || !been.has(place)) movedAt = Date.now();
      been.add(place);
      const patience = this.options.patienceMs ?? PATIENCE_MS;
      if (Date.now() - movedAt > patience) throw stuck(release, step, patience);
      if (!acted) await this.wait(step);
    }
  }

  private async gates(release: string): Promise<{ shown: Gates['releases'][number]; version: number }> {
    const { client } = await this.options.company.player('partner');
    const gates = await client.integrations.gates(this.options.integration, { minVersion: this.seen });
    const shown = gates.releases.find((one) => one.release === release);
    if (shown === undefined)
      throw new CommandFailed(EXIT.fault, `${this.options.integration} ${release} has no gates.`);
    return { shown, version: gates.version };
  }

  private announce(release: string, step: Step): void {
    const heading = `${release} ${step.step}`;
    if (heading === this.announced) return;
    this.announced = heading;
    this.options.narrator?.step(step.step, step.title);
    this.options.narrator?.asks(step.missing);
  }

  /** Tells what the services did with the release since it was last asked. */
  private async news(release: string, version: number): Promise<void> {
    if (this.options.narrator === null || version <= this.told) return;
    const { client } = await this.options.company.player('partner');
    for await (const { number, type, sentence, release: of } of client.integrations.events(
      this.options.integration,
      this.told,
    )) {
      const service = TOLD[type];
      if (service !== undefined && of === release) this.options.narrator?.did(service, sentence);
      this.told = number;
    }
  }

  private async wait(step: Step | undefined): Promise<void> {
    const [first, ...more] = step?.missing ?? [];
    this.options.narrator?.waiting(
      first === undefined
        ? 'the next step'
        : `${first.what} (${first.who})${more.length === 0 ? '' : `, and ${more.length} more`}`,
    );
    await sleep(this.options.lookEveryMs ?? LOOK_EVERY_MS);
  }

  private async act(step: Step, release: string): Promise<boolean> {
    let acted = false;
    for (const missing of step.missing) {
      const key = `${release} ${step.step} ${missing.requirement} ${missing.who}`;
      if (this.done.has(key)) continue;
      if (await this.satisfy(missing, release)) {
        this.done.add(key);
        acted = true;
      }
    }
    return acted;
  }

  private async satisfy(missing: Missing, release: string): Promise<boolean> {
    const [kind = '', name = ''] = missing.requirement.split(':');
    const part = partFor(missing.who);
    if (part === null) return false;
    const phase = PHASES[kind];
    if (phase !== undefined) return this.giveEvidence(phase, name, release);
    const ballot = BALLOTS[kind];
    if (ballot !== undefined)
      return this.vote(part, ballot, { name, body: missing.who, release, what: missing.what });
    if (kind === 'check') return this.waive(part, name, release);
    return kind === 'lifecycle' ? this.updateLifecycle(release) : false;
  }

  /** A check that came to no answer blocks, unless the body that owns it accepts that openly and for a time. */
  private async waive(part: Part, check: string, release: string): Promise<boolean> {
    if (part === 'partner') return false;
    const { client, name: who } = await this.options.company.player(part);
    const expiresAt = new Date(Date.now() + WAIVED_FOR_MS).toISOString();
    const reason = `${check} came to no answer here; accepted for this demo, for a time.`;
    const target = { kind: 'check', check } as const;
    const committed = await client.integrations.waive(this.options.integration, {
      release,
      body: part,
      target,
      reason,
      expiresAt,
    });
    this.seen = committed.version;
    this.options.narrator?.did(
      who,
      `waives ${check}, which came to no answer, until ${expiresAt.slice(0, 10)}`,
    );
    return true;
  }

  private async vote(
    part: Part,
    kind: 'approval' | 'checkpoint' | 'step' | 'sign-off',
    { name, body, release, what }: { name: string; body: string; release: string; what: string },
  ): Promise<boolean> {
    const { client, name: who } = await this.options.company.player(part);
    const named = kind === 'checkpoint' || kind === 'step' ? { name } : {};
    const reason = 'Read what it covers; nothing speaks against it.';
    try {
      const committed = await client.integrations.decide(this.options.integration, {
        release,
        kind,
        body,
        vote: 'approve',
        reason,
        ...named,
      });
      this.seen = committed.version;
    } catch (error) {
      // The gate that was read is a moment old: what it asked for may have been passed since.
      if (error instanceof ApiProblem && error.status === 409) return false;
      throw error;
    }
    this.options.narrator?.did(who, `approves: ${what}`);
    return true;
  }

  private async giveEvidence(
    phase: 'preparation' | 'implementation',
    task: string,
    release: string,
  ): Promise<boolean> {
    const path = this.options.evidence[task];
    if (path === undefined) return false;
    const { client, name } = await this.options.company.player('partner');
    const file = await upload(client.artifacts, join(this.options.folder, path));
    const committed = await client.integrations.evidence(
      this.options.integration,
      { phase, task },
      { release, evidence: [file] },
    );
    this.seen = committed.version;
    this.options.narrator?.did(
      name,
      `records ${task}: ${path} (${file.size} bytes, sha256 ${file.digest.slice(0, 12)}…)`,
    );
    return true;
  }

  private async updateLifecycle(release: string): Promise<boolean> {
    const { client, name } = await this.options.company.player('partner');
    const file = await upload(client.artifacts, join(this.options.folder, 'docs', 'lifecycle.md'));
    const committed = await client.integrations.lifecycle(this.options.integration, {
      move: 'lifecycle-update',
      release,
      reason: 'The release is out: support window and dates as documented.',
      evidence: [file],
    });
    this.seen = committed.version;
    this.options.narrator?.did(name, 'updates the lifecycle');
    return true;
  }
}

async function upload(
  artifacts: { put: (content: Uint8Array, mediaType: string) => Promise<unknown> },
  path: string,
) {
  const content = readFileSync(path);
  const mediaType = mediaTypeOf(path);
  await artifacts.put(content, mediaType);
  return {
    path: basename(path),
    digest: createHash('sha256').update(content).digest('hex'),
    size: content.length,
    mediaType,
  };
}

/** Where a release stands, without reasons: these change while nothing moves. */
const placeOf = ({ status, steps }: Gates['releases'][number]): string =>
  JSON.stringify([
    status,
    steps.map(({ state, missing }) => [
      state,
      missing.map(({ requirement, who, what }) => [requirement, who, what.split(':', 1)]),
    ]),
  ]);

const stuck = (release: string, step: Step | undefined, patienceMs: number): CommandFailed =>
  new CommandFailed(
    EXIT.fault,
    `Release ${release} did not move for ${patienceMs / 1000} s in step ${step?.step ?? '?'}.`,
    step?.missing.map(({ what, who }) => `missing: ${what} (${who})`) ?? [],
  );
