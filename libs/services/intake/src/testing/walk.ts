import { TOPICS } from '@kwanus/contracts';
import type { DecisionRule, Playbook } from '@kwanus/domain-playbook';
import type { Json } from '@kwanus/kernel';
import type { TransportMessage } from '@kwanus/messaging';
import { OtherService } from '@kwanus/testing-infra/service-under-test';
import { type Answered, eventually, IDENTITIES, type Intake } from './intake-harness.js';
import { type SubmissionChanges, submissionFiles, uploaded } from './submission.js';

/** An event of the audit trail, as far as the walk looks at it. */
export interface TrailEvent {
  readonly number: number;
  readonly eventId: string;
  readonly type: string;
  readonly sentence: string;
  readonly reason: string | null;
  readonly actor: { readonly id: string; readonly name: string };
  readonly causationId: string | null;
  readonly data: Record<string, Json>;
}
interface Gates {
  readonly version: number;
  readonly releases: readonly {
    readonly release: string;
    readonly step: number;
    readonly status: string;
    readonly steps: readonly {
      readonly step: number;
      readonly state: string;
      readonly missing: readonly {
        readonly what: string;
        readonly who: string;
        readonly requirement: string;
      }[];
    }[];
  }[];
}

const FACTS = {
  breaking: false,
  semver: 'minor',
  newPermissions: [],
  newWorkflows: [],
  newExtensions: [],
  partnerOnly: false,
  forbiddenNear: false,
  changedSections: [],
};

/** Takes a release through the steps: people over HTTP, the other services over the transport. */
export class Walk {
  readonly validation: OtherService;
  readonly rollout: OtherService;
  readonly monitoring: OtherService;
  #playbook: Playbook | null = null;
  #runs = 0;

  constructor(
    readonly intake: Intake,
    readonly id = 'acme.orders',
    readonly release = '1.0.0',
    others?: Walk,
  ) {
    this.validation = others?.validation ?? new OtherService(() => intake.transport, TOPICS.validation);
    this.rollout = others?.rollout ?? new OtherService(() => intake.transport, TOPICS.rollout);
    this.monitoring = others?.monitoring ?? new OtherService(() => intake.transport, TOPICS.monitoring);
  }

  get path(): string {
    return `/v1/integrations/${this.id}`;
  }

  get partnersPerson(): string {
    return this.id.startsWith('acme.') ? 'ada' : 'gus';
  }

  async playbook(): Promise<Playbook> {
    this.#playbook ??= (await this.intake.get<Playbook>('/v1/playbooks/1.0', 'tess')).body;
    return this.#playbook;
  }

  /** Uploads and submits. */
  async submit(changes: SubmissionChanges = {}): Promise<Answered> {
    const [partner = '', name = ''] = this.id.split('.');
    const files = submissionFiles({ partner, name, version: this.release, ...changes });
    const body = await uploaded(this.intake, this.partnersPerson, files);
    return this.intake.post('/v1/integrations', body, { as: this.partnersPerson });
  }

  /** A vote of each seat until the quorum is there. */
  async decide(rule: Pick<DecisionRule, 'kind' | 'name' | 'body'>, vote = 'approve'): Promise<void> {
    const { bodies } = await this.playbook();
    const quorum = bodies.find(({ id }) => id === rule.body)?.quorum ?? 1;
    for (const seat of seatsOf(rule.body).slice(0, quorum)) {
      const answered = await this.vote(rule, seat, vote);
      if (answered.status !== 200) throw new TypeError(`${rule.kind} ${rule.body}: ${answered.text}`);
    }
  }

  vote(rule: Pick<DecisionRule, 'kind' | 'name' | 'body'>, as: string, vote = 'approve'): Promise<Answered> {
    const { kind, name, body } = rule;
    const named = kind === 'checkpoint' ? { name } : {};
    const ballot = { release: this.release, kind, body, ...named, vote, reason: `${body} has looked at it` };
    return this.intake.post(`${this.path}/decisions`, ballot, { as });
  }

  async decideAll(kind: DecisionRule['kind']): Promise<void> {
    const { decisions } = await this.playbook();
    for (const rule of decisions.filter((one) => one.kind === kind)) await this.decide(rule);
  }

  /** Evidence for every task of a phase; validation's word on it where the playbook asks for one. */
  async evidence(phase: 'preparation' | 'implementation'): Promise<void> {
    const { tasks } = await this.playbook();
    for (const { id, verified } of tasks.filter((task) => task.phase === phase)) {
      const file = {
        path: `${id}.md`,
        ...(await this.intake.upload(this.partnersPerson, `evidence for ${id}`)),
      };
      const body = { release: this.release, evidence: [file] };
      const answered = await this.intake.post(`${this.path}/${phase}/${id}`, body, {
        as: this.partnersPerson,
      });
      if (answered.status !== 200) throw new TypeError(`${id}: ${answered.text}`);
      if (!verified) continue;
      await this.finishRun({ task: id });
      await this.until('EvidenceVerified', ({ data }) => data['task'] === id);
    }
  }

  /** Validation's verdict on the run that was asked for last. */
  async finishRun({
    task = null,
    ...changes
  }: {
    readonly task?: string | null;
    readonly [key: string]: Json | undefined;
  } = {}): Promise<TransportMessage> {
    const asked = await this.until('ValidationRequested', ({ data }) => data['task'] === task);
    const { checks } = await this.playbook();
    this.#runs += 1;
    const runId = `run-${this.id}-${this.release}-${this.#runs}`;
    return this.validation.tell({
      type: 'run-finished',
      streamId: `validation-${runId}`,
      data: {
        integrationId: this.id,
        release: this.release,
        runId,
        requestId: asked.data['requestId'] ?? '',
        purpose: task === null ? 'release' : 'preparation',
        task,
        outcome: 'passed',
        checks: checks.map(({ id, kind }) => ({
          check: id,
          kind,
          outcome: 'passed',
          summary: 'fine',
          blocking: [],
          warnings: 0,
        })),
        facts: FACTS,
        inputs: {},
        ruleset: '1',
        registryVersion: 1,
        ...(changes as Record<string, Json>),
      },
    });
  }

  /** Rollout's facts from the plan to the bake; bodies are asked where the step says so. */
  async rollOut(): Promise<void> {
    const { rolloutId } = (await this.until('RolloutRequested')).data;
    const step = { step: 'all', stepIndex: 0, percent: 100 };
    const steps = [
      { id: 'all', percent: 100, allowList: 'none', minDwell: 'PT1M', minRequests: 1, approvals: ['TSC'] },
    ];
    await this.tellRollout('planned', {
      type: 'full',
      previous: null,
      salt: 's',
      policyDigest: 'a'.repeat(64),
      steps,
    });
    await this.tellRollout('approval-awaited', { ...step, bodies: ['TSC'] });
    await this.until('RolloutApprovalAwaited', ({ data }) => data['rolloutId'] === rolloutId);
    await this.decide({ kind: 'step' as DecisionRule['kind'], name: 'all', body: 'TSC' });
    await this.tellRollout('step-started', { ...step, at: '2026-11-23T10:00:00Z' });
    await this.tellRollout('step-advanced', { ...step, evidence: { failures: 0, requests: 500 } });
    await this.tellRollout('bake-started', { at: '2026-11-23T10:00:00Z', until: '2026-11-24T10:00:00Z' });
    await this.until('BakeStarted', ({ data }) => data['rolloutId'] === rolloutId);
  }

  async tellRollout(type: string, data: { readonly [key: string]: Json }): Promise<TransportMessage> {
    const { rolloutId } = (await this.until('RolloutRequested')).data;
    const of = { integrationId: this.id, release: this.release, rolloutId: rolloutId ?? '' };
    return this.rollout.tell({
      type,
      streamId: `rollout-${JSON.stringify(rolloutId).replaceAll('"', '')}`,
      data: { ...of, ...data },
    });
  }

  async completeBake(): Promise<void> {
    await this.tellRollout('completed', { evidence: { requests: 10_000, failures: 3 } });
    await this.until('RolloutCompleted');
  }

  /** Matrix, lifecycle, four signatures. */
  async signOff(): Promise<void> {
    await this.matrix();
    const file = {
      path: 'lifecycle.md',
      ...(await this.intake.upload(this.partnersPerson, 'lifecycle, updated')),
    };
    const move = {
      move: 'lifecycle-update',
      release: this.release,
      reason: 'supported until 2028',
      evidence: [file],
    };
    const answered = await this.intake.post(`${this.path}/lifecycle`, move, { as: this.partnersPerson });
    if (answered.status !== 200) throw new TypeError(answered.text);
    await this.decideAll('sign-off');
  }

  async matrix(): Promise<void> {
    const cells = [
      {
        platformVersion: '5.0.0',
        environment: 'production',
        state: 'compatible',
        reason: 'tried',
        runId: null,
      },
    ];
    const data = { integrationId: this.id, release: this.release, cells };
    await this.validation.tell({ type: 'matrix-updated', streamId: `matrix-${this.id}`, data });
    await this.until('CompatibilityMatrixUpdated');
  }

  /** Everything up to and with the given step. */
  async through(last: number): Promise<void> {
    const steps: (() => Promise<unknown>)[] = [
      () => this.submit(),
      () => this.decideAll('approval'),
      () => this.evidence('preparation'),
      () => this.evidence('implementation'),
      async () => {
        await this.finishRun();
        await this.until('ValidationPassed');
        await this.decideAll('checkpoint');
      },
      () => this.rollOut(),
      () => this.completeBake(),
      () => this.signOff(),
    ];
    for (const step of steps.slice(0, last + 1)) await step();
  }

  async trail(): Promise<readonly TrailEvent[]> {
    const events: TrailEvent[] = [];
    for (let since = 0; ; since = events.length) {
      const { body } = await this.intake.get<{ items: TrailEvent[] }>(
        `${this.path}/events?limit=200&since=${since}`,
        this.partnersPerson,
      );
      events.push(...(body.items ?? []));
      if ((body.items ?? []).length < 200) return events;
    }
  }

  /** @returns the latest event of the type for this release, as soon as there is one */
  until(type: string, holds: (event: TrailEvent) => boolean = () => true): Promise<TrailEvent> {
    return eventually(async () =>
      (await this.trail()).findLast(
        (event) => event.type === type && event.data['release'] === this.release && holds(event),
      ),
    );
  }

  /** @returns the gates of this release, not before the version */
  async gates(minVersion?: number): Promise<Gates['releases'][number]> {
    const query = minVersion === undefined ? '' : `?minVersion=${minVersion}`;
    // Who is told that a version is not readable yet asks again, as clients do.
    const body = await eventually(async () => {
      const answer = await this.intake.get<Gates>(`${this.path}/gates${query}`, this.partnersPerson);
      return answer.status === 503 ? undefined : answer.body;
    });
    const found = body.releases.find(({ release }) => release === this.release);
    if (found === undefined) throw new TypeError(`no gates of ${this.release}`);
    return found;
  }

  /** @returns what the step that the release is in still misses */
  async missing(
    minVersion?: number,
  ): Promise<{ readonly step: number; readonly requirements: readonly string[] }> {
    const { step, steps } = await this.gates(minVersion ?? (await this.trail()).length);
    const current = steps.find((one) => one.step === step);
    return { step, requirements: (current?.missing ?? []).map(({ requirement }) => requirement) };
  }
}

/** @returns the names of the people who hold a seat of the body, without the one who sits everywhere */
export const seatsOf = (body: string): readonly string[] =>
  IDENTITIES.seats
    .filter((seat) => seat.body === body)
    .map(({ actorId }) => IDENTITIES.people.find((person) => person.actorId === actorId)?.name ?? '')
    .filter((name) => name !== 'multi');
