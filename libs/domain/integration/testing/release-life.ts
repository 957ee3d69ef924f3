import { fold } from '@kwanus/kernel';
import {
  addDuration,
  type EventOf,
  type Gate,
  type Giver,
  gate,
  type Integration,
  type IntegrationCommand,
  type IntegrationEvent,
  integration,
  MoveRelease,
  RecordEvidence,
  RecordFact,
  SubmitRelease,
  UpdateLifecycle,
  Vote,
} from '../src/index.js';
import {
  type Changes,
  CONTEXT,
  COVERED,
  DECLARED,
  digest,
  FACTS,
  file,
  giver,
  ID,
  PLAYBOOK,
  SEATS,
  uuid,
} from './orders.js';

/** One integration in a spec: what happened so far, and the people and services that make more happen. */
export class ReleaseLife {
  readonly events: IntegrationEvent[] = [];
  context = CONTEXT;
  #requests = 0;

  constructor(readonly release = '1.0.0') {}

  get state(): Integration {
    return fold(integration, this.events);
  }

  get step(): number {
    return this.shown(this.release).step;
  }

  shown(release = this.release): NonNullable<Integration['releases'][string]> {
    const found = this.state.releases[release];
    if (found === undefined) throw new TypeError(`no ${release}`);
    return found;
  }

  /** @returns the events that followed */
  do(command: IntegrationCommand): readonly IntegrationEvent[] {
    const news = integration.decide(command, this.state, this.context);
    this.events.push(...news);
    return news;
  }

  /** Lets time pass, by an ISO 8601 duration. */
  later(duration: string): this {
    this.context = { ...this.context, asOf: addDuration(this.context.asOf, duration) };
    return this;
  }

  /** Another release of the same integration. */
  next(release: string): ReleaseLife {
    const other = new ReleaseLife(release);
    Object.defineProperty(other, 'events', { value: this.events });
    other.context = this.context;
    other.#requests = this.#requests + 100_000;
    return other;
  }

  requestId(): string {
    this.#requests += 1;
    return uuid(this.#requests);
  }

  given(by: string): Giver & { integrationId: string; release: string; requestId: string } {
    return { ...giver(by), integrationId: ID, release: this.release, requestId: this.requestId() };
  }

  submission(by = 'ada', { parts = {}, declared = {} }: Changes = {}): SubmitRelease {
    const digests = Object.fromEntries(COVERED.map((key) => [key, digest(`${key} ${parts[key] ?? ''}`)]));
    const everything = digest(JSON.stringify([this.release, parts, declared]));
    const manifest = file('kwanus.yaml', everything);
    return new SubmitRelease(
      { ...this.given(by), sponsor: null },
      {
        partner: 'acme',
        name: 'orders',
        subject: 'integration',
        manifestPath: 'kwanus.yaml',
        files: [manifest],
        digests: { ...digests, everything },
        declared: { ...DECLARED, ...declared },
      },
    );
  }

  submit(by = 'ada', changes: Changes = {}): readonly IntegrationEvent[] {
    return this.do(this.submission(by, changes));
  }

  ballot(by: string, decision: string, vote: 'approve' | 'reject' | 'withdraw' = 'approve'): Vote {
    const rule = PLAYBOOK.decisions.find(({ id }) => id === decision);
    if (rule === undefined) throw new TypeError(`no ${decision}`);
    const { kind, body, name } = rule;
    return new Vote(this.given(by), { kind, body, name, vote, reason: 'looked at it', evidence: [] });
  }

  vote(by: string, decision: string, vote: 'approve' | 'reject' | 'withdraw' = 'approve') {
    return this.do(this.ballot(by, decision, vote));
  }

  stepBallot(by: string, body: string, vote: 'approve' | 'reject' | 'withdraw' = 'approve'): Vote {
    return new Vote(this.given(by), { kind: 'step', body, name: null, vote, reason: 'go', evidence: [] });
  }

  decideAll(kind: 'approval' | 'checkpoint' | 'sign-off', seat = 0): void {
    for (const { id, body } of PLAYBOOK.decisions.filter((rule) => rule.kind === kind))
      this.vote(SEATS[body]?.[seat] ?? '', id);
  }

  evidence(phase: 'preparation' | 'implementation', task: string, text = task): RecordEvidence {
    return new RecordEvidence(this.given('ada'), phase, task, {
      evidence: [file(`${task}.md`, text)],
      note: null,
    });
  }

  fact(fact: IntegrationEvent): readonly IntegrationEvent[] {
    return this.do(new RecordFact(ID, fact, this.requestId()));
  }

  cause(): string {
    return `${this.requestId()}-${this.events.length}`;
  }

  verifyEvidence(
    task: string,
    requestId = this.shown().tasks[task]?.requestId ?? '',
  ): readonly IntegrationEvent[] {
    const data = {
      integrationId: ID,
      release: this.release,
      cause: this.cause(),
      task,
      runId: 'run',
      requestId,
    };
    return this.fact({ type: 'EvidenceVerified', data });
  }

  phase(phase: 'preparation' | 'implementation'): void {
    for (const { id, verified } of PLAYBOOK.tasks.filter((task) => task.phase === phase)) {
      this.do(this.evidence(phase, id));
      if (verified) this.verifyEvidence(id);
    }
  }

  verdict(
    changes: Partial<EventOf<'ValidationPassed'>['data']> = {},
    type: 'ValidationPassed' | 'ValidationFailed' | 'ValidationInconclusive' = 'ValidationPassed',
  ): EventOf<'ValidationPassed'> {
    const checks = PLAYBOOK.checks.map(({ id, kind }) => ({
      check: id,
      kind,
      outcome: 'passed' as const,
      summary: 'fine',
      blocking: [],
      warnings: 0,
    }));
    return {
      type,
      data: {
        integrationId: ID,
        release: this.release,
        cause: this.cause(),
        runId: 'run',
        requestId: this.shown().validation?.requestId ?? '',
        checks,
        facts: FACTS,
        ruleset: '1',
        registryVersion: 1,
        inputs: {},
        ...changes,
      },
    } as EventOf<'ValidationPassed'>;
  }

  ofRollout(): { integrationId: string; release: string; rolloutId: string; cause: string } {
    const { rollout } = this.shown();
    return {
      integrationId: ID,
      release: this.release,
      rolloutId: rollout?.rolloutId ?? '',
      cause: this.cause(),
    };
  }

  await(...bodies: readonly string[]): readonly IntegrationEvent[] {
    return this.fact({
      type: 'RolloutApprovalAwaited',
      data: { ...this.ofRollout(), step: '50', percent: 25, bodies },
    });
  }

  rollBack(to: string | null = null): readonly IntegrationEvent[] {
    return this.fact({
      type: 'RolledBack',
      data: {
        ...this.ofRollout(),
        step: '50',
        to,
        automatic: true,
        reasonCode: 'burn',
        reason: 'errors',
        evidence: {},
      },
    });
  }

  refuse(): readonly IntegrationEvent[] {
    return this.fact({
      type: 'RolloutRefused',
      data: { ...this.ofRollout(), code: 'fallback-missing', reason: 'it declares no fallback' },
    });
  }

  rollOut(): void {
    const steps = [{ id: '50', percent: 50, approvals: ['TSC'] }];
    this.fact({ type: 'RolloutPlanned', data: { ...this.ofRollout(), type: 'staged', steps } });
    this.await('TSC');
    this.do(this.stepBallot('tara', 'TSC'));
    this.fact({ type: 'RolloutStepStarted', data: { ...this.ofRollout(), step: '50', percent: 50 } });
    this.fact({
      type: 'RolloutStepAdvanced',
      data: { ...this.ofRollout(), step: '50', percent: 100, evidence: { requests: 500, failures: 0 } },
    });
    this.fact({ type: 'BakeStarted', data: { ...this.ofRollout(), until: '2026-11-24T10:00:00.000Z' } });
  }

  bake(): void {
    this.fact({ type: 'RolloutCompleted', data: { ...this.ofRollout(), evidence: { requests: 10_000 } } });
  }

  matrix(): void {
    const data = {
      integrationId: ID,
      release: this.release,
      cause: this.cause(),
      cells: [{ state: 'compatible' }],
    };
    this.fact({ type: 'CompatibilityMatrixUpdated', data });
  }

  lifecycle(): UpdateLifecycle {
    return new UpdateLifecycle(this.given('ada'), [file('lifecycle.md')], 'supported until 2028');
  }

  move(move: MoveRelease['move'], by = 'ada'): MoveRelease {
    return new MoveRelease(this.given(by), move, 'for a reason');
  }

  /** Everything that comes before a step; `8`: signed off. `like` another release: its votes carry over. */
  until(step: number, like: 'none' | 'another' = 'none'): this {
    const decide = (kind: 'approval' | 'checkpoint'): void => {
      if (like === 'none') this.decideAll(kind);
    };
    const work: readonly (() => unknown)[] = [
      () => this.submit(),
      () => decide('approval'),
      () => this.phase('preparation'),
      () => this.phase('implementation'),
      () => {
        this.fact(this.verdict());
        decide('checkpoint');
      },
      () => this.rollOut(),
      () => this.bake(),
      () => {
        this.matrix();
        this.do(this.lifecycle());
        this.decideAll('sign-off');
      },
    ];
    for (const part of work.slice(0, step)) part();
    return this;
  }

  gate(step = this.step): Gate {
    return gate(this.state, this.release, step as Gate['step'], this.context);
  }

  missing(step = this.step): readonly string[] {
    return this.gate(step).missing.map(({ requirement }) => requirement);
  }
}

export const types = (events: readonly IntegrationEvent[]): readonly string[] =>
  events.map(({ type }) => type);
