import type { Playbook, RolloutPlanRule, RolloutStepRule } from '@kwanus/domain-playbook';
import { fold } from '@kwanus/kernel';
import type { BurnEvidence, Evidence } from './evidence.js';
import type { RolloutCommand } from './rollout.commands.js';
import { rollout } from './rollout.decider.js';
import type { RolloutEvent, RolloutRequest } from './rollout.events.js';
import type { Rollout } from './rollout.state.js';

const START = Date.parse('2026-11-23T10:00:00.000Z');

/** @returns the moment so many seconds after the beginning of the example */
export const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();

const step = (id: string, percent: number, rest: Partial<RolloutStepRule> = {}): RolloutStepRule => ({
  id,
  percent,
  allowList: 'none',
  minDwell: 'PT1M',
  minRequests: 100,
  approvals: [],
  ...rest,
});

const plan = (rest: Pick<RolloutPlanRule, 'forLevel' | 'steps' | 'type'>): RolloutPlanRule => ({
  bake: 'PT5M',
  bakeMinRequests: 200,
  alpha: 0.05,
  margin: 0.1,
  askAfter: 'PT10M',
  rollbackWithin: 'PT30S',
  progressDeadline: 'PT20M',
  ...rest,
});

const AT_ONCE = { minDwell: 'PT0S', minRequests: 0 };
const ALL = ['TSC', 'SCO', 'ERC', 'CGB'];

/** A playbook with one plan of each type, small enough to read. */
export const PLAYBOOK: Playbook = {
  version: '1.0',
  title: 'Example',
  overlays: null,
  digest: 'd'.repeat(64),
  subjects: ['integration'],
  bodies: ALL.map((id) => ({ id, name: id, field: id, quorum: 1 })),
  documents: [],
  tasks: [],
  decisions: [],
  checks: [],
  steps: [],
  risk: [],
  rollouts: [
    plan({ type: 'full', forLevel: 'low', steps: [step('smoke', 1), step('all', 100, AT_ONCE)] }),
    plan({
      type: 'staged',
      forLevel: 'medium',
      steps: [
        step('1', 1),
        step('10', 10),
        step('50', 50, { approvals: ['TSC'] }),
        step('100', 100, AT_ONCE),
      ],
    }),
    plan({
      type: 'controlled',
      forLevel: 'high',
      steps: [
        step('internal', 0, { allowList: 'internal', approvals: ALL }),
        step('partners', 0, { allowList: 'partners', approvals: ALL }),
        step('25', 25, { approvals: ['SCO', 'ERC'] }),
        step('100', 100, { approvals: ALL }),
      ],
    }),
  ],
  monitoring: {
    window: 'PT10S',
    watermark: 'PT10S',
    silentWindows: 3,
    signals: [],
    burn: [
      { id: 'page-slow', severity: 'page', budget: 0.05, long: 'PT6H', short: 'PT30M' },
      { id: 'page-quick', severity: 'page', budget: 0.02, long: 'PT1H', short: 'PT5M' },
      { id: 'ticket', severity: 'ticket', budget: 0.1, long: 'P3D', short: 'PT6H' },
    ],
    probing: { permissions: 3, within: 'PT1H' },
    unused: { after: 'P90D', lookAgain: 'P1D' },
    minFailures: 10,
  },
  stewardship: [],
  waivers: { maxDuration: 'P90D', never: [], laxerRolloutBy: 'CGB' },
  registry: { body: 'SCO' },
};

/** @returns a staged rollout of acme.orders 2.0.0 over 1.0.0, unless said otherwise */
export const request = (rest: Partial<RolloutRequest> = {}): RolloutRequest => ({
  integrationId: 'acme.orders',
  release: '2.0.0',
  rolloutId: 'ro-1',
  previous: '1.0.0',
  type: 'staged',
  typeWaiver: null,
  risk: { level: 'medium', reasons: ['partner-only'] },
  subject: 'integration',
  record: { contract: 'c'.repeat(64), manifest: 'a'.repeat(64) },
  fallback: [{ for: 'api:orders-v1', serve: 'api:orders-v0' }],
  allowList: { internal: ['ws-internal'], partners: ['ws-acme'] },
  partnerOnly: false,
  accountable: { contact: 'contact', sponsor: 'sponsor' },
  ...rest,
});

/** What a verdict says, shortened to what an example is about. */
export interface Said {
  readonly requests?: number;
  readonly failures?: number;
  readonly verdict?: Evidence['verdict'];
  readonly silentWindows?: number;
  readonly firing?: string;
  readonly bypassed?: number;
  readonly outOfScope?: number;
}

const burn = (rule: string, failuresLong: number, requestsLong: number): BurnEvidence => ({
  rule,
  severity: rule === 'ticket' ? 'ticket' : 'page',
  factor: 14.4,
  long: 20,
  short: 25,
  failuresLong,
  requestsLong,
  firing: true,
});

/** @returns the evidence of the window of 10 s that ends at that second */
export function evidence(second: number, said: Said = {}): Evidence {
  const { requests = 60, failures = 0, verdict = 'pass', silentWindows = 0, firing } = said;
  const counts = { requests, failures };
  return {
    source: {
      eventId: `v-${second}`,
      streamId: 'gate-ro-1',
      streamVersion: Math.max(1, Math.round(second * 10)),
    },
    window: { from: at(second - 10), to: at(second) },
    signals: [
      {
        signal: 'api-errors',
        of: null,
        objective: 0.99,
        canary: counts,
        stable: { requests: 900, failures: 0 },
        canaryWindow: counts,
        stableWindow: { requests: 900, failures: 0 },
        burn: firing === undefined ? [] : [burn(firing, failures, requests)],
      },
    ],
    permissions: {
      used: requests,
      denied: 0,
      outOfScope: said.outOfScope ?? 0,
      bypassed: said.bypassed ?? 0,
      judged: true,
    },
    silentWindows,
    verdict,
    reasons: verdict === 'pass' ? [] : [`reason of ${second}`],
  };
}

/** What happens when: a verdict, or a command with what it carries beside its moment. */
export type Happening = readonly [second: number, what: Said | RolloutCommand['type'], rest?: object];

/** @returns the command that happens then; people's commands come with a reason, bodies' with step and body in `rest` */
export function commandOf([second, what, rest = {}]: Happening): RolloutCommand {
  if (typeof what !== 'string') {
    const heard = evidence(second, what);
    return { type: 'RecordEvidence', evidence: heard, saidAt: at(second), at: at(second) };
  }
  const usual = { request: request(), refusal: null, reason: 'because', code: 'requested', by: 'ro-2' };
  return {
    ...usual,
    triggeredAt: at(second),
    fact: 'fact',
    ...rest,
    type: what,
    at: at(second),
  } as RolloutCommand;
}

/** One run of a rollout: everything that happened, the events of the last happening, and the state. */
export interface Ran {
  readonly all: readonly RolloutEvent[];
  readonly news: readonly RolloutEvent[];
  readonly state: Rollout;
}

/** Lets the happenings happen one after another, from the plan on. */
export function run(...happenings: readonly Happening[]): Ran {
  return happenings.reduce<Ran>(
    ({ all, state }, happening) => {
      const news = rollout.decide(commandOf(happening), state, { playbook: PLAYBOOK });
      return { all: [...all, ...news], news, state: fold(rollout, [...all, ...news]) };
    },
    { all: [], news: [], state: rollout.initialState },
  );
}

/** @returns only the types, to be compared with what is expected */
export const types = (events: readonly RolloutEvent[]): readonly string[] => events.map(({ type }) => type);
