import { fold } from '@kwanus/kernel';
// oxlint-disable-next-line @nx/enforce-module-boundaries -- specs drive the rules with the playbook that ships
import { loadPlaybook } from '@kwanus/playbook';
import {
  addDuration,
  type Declared,
  type EventOf,
  evolve,
  type FileReference,
  type Gate,
  type Giver,
  gate,
  type Integration,
  type IntegrationCommand,
  type IntegrationContext,
  type IntegrationEvent,
  integration,
  MoveRelease,
  RecordEvidence,
  RecordFact,
  SubmitRelease,
  UpdateLifecycle,
  Vote,
} from '../src/index.js';

export const PLAYBOOK = loadPlaybook('1.0');
export const ID = 'acme.orders';
export const START = '2026-11-23T10:00:00.000Z';
export const SEATS: Readonly<Record<string, readonly string[]>> = {
  TSC: ['tara', 'tobias', 'multi'],
  SCO: ['selma', 'sven', 'multi'],
  ERC: ['elena', 'emil', 'multi'],
  CGB: ['carla', 'chidi', 'multi'],
};
export const CONTEXT: IntegrationContext = {
  playbook: PLAYBOOK,
  asOf: START,
  membership: { version: 7, seats: SEATS },
};

/** @returns a digest that stands for the text */
export const digest = (text: string): string =>
  [...text]
    .reduce((sum, char) => (sum * 31n + BigInt(char.codePointAt(0) ?? 0)) % (1n << 256n), 7n)
    .toString(16)
    .padStart(64, '0');
export const file = (path: string, text = path): FileReference => ({
  path,
  digest: digest(text),
  size: text.length,
  mediaType: 'text/plain',
});
export const uuid = (number: number): string =>
  `00000000-0000-5000-8000-${number.toString(16).padStart(12, '0')}`;

export const DECLARED: Declared = {
  subject: 'integration',
  tier: 'gold',
  supersedes: null,
  partnerOnly: false,
  permissions: [{ id: 'orders:write', actions: ['create'], privileged: false }],
  workflows: ['order-sync'],
  operations: ['createOrder'],
  extensions: [],
  capabilities: [],
  slos: [],
  fallback: [{ for: 'api:orders-v1', serve: 'api:orders-v0' }],
  rollbackTo: null,
  documents: PLAYBOOK.documents.filter(({ required }) => required).map(({ id }) => id),
  accountable: { contact: 'contact:1', sponsor: 'contact:2' },
};
const COVERED = [
  ...new Set([
    ...PLAYBOOK.decisions.flatMap(({ covers }) => covers),
    'document:migrationGuide',
    'manifest:fallback',
  ]),
];

/** What a submission differs in from the usual one: texts by covered part, and what it declares. */
export interface Changes {
  readonly parts?: Readonly<Record<string, string>>;
  readonly declared?: Partial<Declared>;
}

const PARTNER: Giver = { by: 'ada', partner: 'acme', roles: ['partner'] };
export const giver = (by: string): Giver =>
  by === 'ada' || by === 'amir'
    ? { ...PARTNER, by }
    : { by, partner: null, roles: by === 'oscar' ? ['operator'] : ['reviewer'] };

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

  /** Everything that comes before a step; `8`: signed off. */
  until(step: number): this {
    const work: readonly (() => unknown)[] = [
      () => this.submit(),
      () => this.decideAll('approval'),
      () => this.phase('preparation'),
      () => this.phase('implementation'),
      () => {
        this.fact(this.verdict());
        this.decideAll('checkpoint');
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
export { evolve };
