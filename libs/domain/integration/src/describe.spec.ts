import { describe, expect, it } from '@jest/globals';
import { DECLARED, digest, FACTS, file, ID, START } from '../testing/orders.js';
import { actorOf, type EventOf, type IntegrationEvent, reasonOf, describe as sentence } from './index.js';

const whole = { integrationId: ID };
const of = { ...whole, release: '1.0.0' };
const cause = 'event-1';
const ofRollout = { ...of, rolloutId: 'acme.orders@1.0.0.1', cause };
const calls = {
  signal: 'api-errors',
  of: null,
  canary: { requests: 500, failures: 0 },
  stable: { requests: 900, failures: 1 },
};
const asked = { ...of, rolloutId: 'acme.orders@1.0.0.1', reason: 'for a reason', by: 'oscar' };
const stepVote = { ...asked, step: '50', body: 'TSC', membershipVersion: 7 };
const decided = { reason: 'for a reason', by: 'oscar' };
const taken = { permission: 'orders:write', ground: 'unused' as const };
const submitted = {
  manifestPath: 'kwanus.yaml',
  files: [file('kwanus.yaml')],
  digests: { everything: digest('x') },
  declared: DECLARED,
  by: 'ada',
  sponsor: null,
};
const verdict = {
  cause,
  runId: 'r',
  requestId: 'q',
  facts: FACTS,
  ruleset: '1',
  registryVersion: 1,
  inputs: {},
};
const check = (outcome: 'passed' | 'failed' | 'not-performed') => ({
  check: 'contract-diff',
  kind: 'compatibility',
  outcome,
  summary: 's',
  blocking: [{ ruleId: 'CD101', fingerprint: 'f', message: 'm', file: 'a', pointer: '/' }],
  warnings: 0,
});
const due = { ...whole, task: 'integration-review', dueAt: '2027-11-23T10:00:00.000Z' };

/** An event of every type, and what a person reads; a type without a row does not compile. */
const ROWS: { readonly [Type in IntegrationEvent['type']]: readonly [EventOf<Type>['data'], string] } = {
  IntegrationProposed: [
    { ...whole, partner: 'acme', name: 'orders', subject: 'tier', playbook: '1.0', by: 'ada' },
    'acme proposes a new tier, under playbook 1.0',
  ],
  PlaybookAdopted: [{ ...whole, ...decided, from: '1.0', playbook: '2.0' }, 'playbook 1.0 to 2.0'],
  ReleaseOpened: [{ ...of, ...submitted }, 'release 1.0.0 is submitted (1 files)'],
  ReleaseAmended: [{ ...of, ...submitted, changed: ['contract', 'everything'] }, 'is amended: contract'],
  VoteRecorded: [
    {
      ...of,
      ...decided,
      decision: 'approval:TSC',
      kind: 'approval',
      name: 'TSC',
      body: 'TSC',
      vote: 'reject',
      covers: {},
      membershipVersion: 7,
      evidence: [],
      attestation: 'none',
    },
    'TSC rejects approval:TSC of 1.0.0',
  ],
  VoteWithdrawn: [{ ...of, ...decided, decision: 'approval:TSC', body: 'TSC' }, 'is withdrawn'],
  VotesVoided: [
    { ...of, votes: [{ decision: 'approval:TSC', by: 'tara', changed: ['contract'] }] },
    'approval:TSC (contract)',
  ],
  EvidenceRecorded: [
    { ...of, phase: 'preparation', task: 'sandbox', evidence: [file('s.md')], by: 'ada', note: null },
    'evidence for sandbox of 1.0.0: s.md',
  ],
  EvidenceVerified: [{ ...of, cause, task: 'sandbox', runId: 'r' }, 'was checked and holds'],
  EvidenceRefused: [
    { ...of, cause, task: 'sandbox', runId: 'r', findings: ['nothing in it'] },
    'does not hold: nothing in it',
  ],
  StepPassed: [{ ...of, step: 1 }, 'passes step 1'],
  StepEntered: [{ ...of, step: 2 }, 'enters step 2'],
  ValidationCancelled: [
    { ...of, requestId: 'q', task: 'sandbox', reason: 'the release was withdrawn' },
    'is given up (sandbox): the release was withdrawn',
  ],
  ValidationRequested: [
    {
      ...of,
      requestId: 'q',
      purpose: 'preparation',
      task: 'sandbox',
      submission: { release: '1.0.0', manifestPath: 'kwanus.yaml', files: [] },
      bases: [],
      asOf: START,
    },
    'is asked for (sandbox)',
  ],
  ValidationPassed: [{ ...of, ...verdict, checks: [check('passed')] }, 'passed: 1 checks'],
  ValidationFailed: [{ ...of, ...verdict, checks: [check('failed')] }, 'contract-diff (CD101)'],
  ValidationInconclusive: [
    { ...of, ...verdict, checks: [check('passed'), check('not-performed')] },
    'inconclusive: contract-diff not-performed',
  ],
  GovernanceValidated: [
    { ...of, outcome: 'passed', digest: digest('x'), membershipVersion: 7 },
    'seats of version 7',
  ],
  RiskAssessed: [
    { ...of, level: 'high', reasons: ['a new permission'], computed: 'controlled', type: 'controlled' },
    'high (a new permission): controlled rollout',
  ],
  StricterRolloutChosen: [{ ...of, ...decided, type: 'staged' }, 'a staged rollout is chosen'],
  WaiverGranted: [
    {
      ...of,
      ...decided,
      waiverId: 'w',
      body: 'SCO',
      target: { kind: 'check', check: 'data-access' },
      expiresAt: START,
      membershipVersion: 7,
    },
    'SCO waives data-access',
  ],
  WaiverExpired: [{ ...of, waiverId: 'w' }, 'ran out'],
  RolloutRequested: [
    {
      ...of,
      rolloutId: 'acme.orders@1.0.0.1',
      previous: null,
      type: 'staged',
      risk: { level: 'medium', reasons: [] },
      subject: 'integration',
      record: {},
      fallback: [],
      allowList: { internal: [], partners: [] },
      partnerOnly: false,
      watched: {},
      accountable: DECLARED.accountable,
      requestedAt: START,
    },
    'staged rollout of 1.0.0 is asked for (acme.orders@1.0.0.1)',
  ],
  RolloutStepApproved: [stepVote, 'TSC lets the rollout of 1.0.0 enter 50'],
  RolloutStepRejected: [stepVote, 'TSC does not let the rollout of 1.0.0 enter 50'],
  RolloutPauseRequested: [asked, 'a pause'],
  RolloutResumeRequested: [asked, 'is to go on'],
  RolloutRollbackRequested: [asked, 'a roll-back of 1.0.0 is asked for'],
  RolloutHoldWaived: [{ ...asked, step: '50', body: 'TSC' }, 'leave its hold at 50'],
  RolloutPlanned: [
    {
      ...ofRollout,
      type: 'full',
      steps: [
        { id: 'smoke', percent: 1, approvals: [] },
        { id: 'all', percent: 100, approvals: [] },
      ],
    },
    'smoke → all',
  ],
  RolloutApprovalAwaited: [
    { ...ofRollout, step: '50', percent: 25, bodies: ['TSC', 'SCO'] },
    'waits at 50 for TSC, SCO',
  ],
  RolloutStepStarted: [{ ...ofRollout, step: '50', percent: 50 }, 'is on at 50 (50 %)'],
  RolloutStepAdvanced: [
    {
      ...ofRollout,
      step: '50',
      percent: 50,
      evidence: { signals: [calls, { signal: 'odd' }], requests: 500 },
    },
    'holds for 1.0.0 (api-errors 0 of 500 failed, with the others 1 of 900 failed)',
  ],
  RolloutHeld: [{ ...ofRollout, step: '50', reason: 'no data', evidence: {} }, 'is held at 50: no data'],
  RolloutPaused: [{ ...ofRollout, step: '50', reason: 'to look' }, 'is paused at 50: to look'],
  RolloutResumed: [{ ...ofRollout, step: '50', reason: 'looked' }, 'goes on at 50'],
  RolledBack: [
    {
      ...ofRollout,
      step: '50',
      to: null,
      automatic: true,
      reasonCode: 'burn',
      reason: 'errors',
      evidence: { signals: [{ ...calls, signal: 'workflow-reliability', of: 'sync' }, calls] },
    },
    'at 50 to nothing: errors (workflow-reliability of sync 0 of 500 failed, with the others 1 of 900 failed; api-errors',
  ],
  RolloutRefused: [{ ...ofRollout, code: 'fallback-missing', reason: 'no fallback' }, 'no fallback'],
  RolloutSuperseded: [{ ...ofRollout, step: '50', replacedBy: '1.1.0', reason: 'newer' }, '1.1.0'],
  RolloutBodiesAsked: [
    { ...ofRollout, step: '50', bodies: ['TSC'], heldSince: START, reason: 'no data' },
    'TSC',
  ],
  RollbackOverdue: [{ ...ofRollout, step: '50', declared: 'PT2M', decidedAt: START }, 'PT2M'],
  ReleaseRecorded: [{ ...of, cause, record: {}, at: START }, 'record'],
  BakeStarted: [{ ...ofRollout, until: START }, `is watched until ${START}`],
  RolloutCompleted: [{ ...ofRollout, evidence: {} }, 'is complete'],
  RolloutRetried: [{ ...of, ...decided }, 'rolled out again'],
  AlertRaised: [
    {
      ...of,
      cause,
      alertId: 'a',
      severity: 'page',
      signal: 'api-errors',
      reason: 'burns',
      numbers: { long: 20 },
    },
    'page for 1.0.0: api-errors, burns',
  ],
  AlertResolved: [{ ...of, cause, alertId: 'a', reason: 'over' }, 'alert a of 1.0.0 is resolved'],
  PermissionViolated: [
    { ...of, cause, permission: 'orders:write', kind: 'out of scope', count: 3 },
    'orders:write was used 3 times out of scope',
  ],
  RevocationProposed: [
    {
      ...of,
      cause,
      ...taken,
      grantedAt: START,
      lastUsedAt: null,
      window: { from: START, to: START },
      count: 0,
    },
    `not used from ${START} to ${START}, last used never`,
  ],
  RevocationLapsed: [{ ...of, cause, ...taken, reason: 'used' }, 'has no ground any more: used'],
  RevocationDecided: [
    { ...of, cause, ...taken, decision: 'accepted', releases: ['1.0.0'], reason: 'r', by: 'p', at: START },
    'orders:write is taken from 1.0.0: r',
  ],
  CompatibilityMatrixUpdated: [{ ...of, cause, cells: [{}] }, '1 cells'],
  LifecycleUpdated: [{ ...of, ...decided, evidence: [] }, 'lifecycle of 1.0.0 is updated'],
  ReleaseSignedOff: [of, 'is signed off'],
  LateFactRecorded: [
    { ...of, cause, fact: 'RolledBack', reason: 'the rollout is over', data: {} },
    'RolledBack came too late: the rollout is over',
  ],
  ReleaseWithdrawn: [{ ...of, ...decided }, 'is withdrawn'],
  ReleaseResubmitted: [{ ...of, ...decided }, 'is submitted again'],
  ReleaseDeprecated: [{ ...of, ...decided, sunset: START }, `is deprecated until ${START}`],
  IntegrationSuspended: [{ ...whole, ...decided }, 'is suspended'],
  IntegrationReinstated: [{ ...whole, ...decided }, 'is reinstated'],
  IntegrationRetired: [{ ...whole, ...decided }, 'is retired'],
  IntegrationDeprecated: [{ ...whole, ...decided, sunset: null }, 'the integration is deprecated'],
  StewardshipScheduled: [{ ...of, tasks: [due] }, 'integration-review by 2027-11-23'],
  StewardshipReminded: [due, 'falls due on 2027-11-23'],
  StewardshipOverdue: [due, 'is overdue since 2027-11-23'],
  StewardshipEscalated: [due, 'is escalated to its body'],
  StewardshipRecorded: [
    { ...of, ...decided, task: 'integration-review', outcome: 'done', evidence: [], nextDueAt: due.dueAt },
    'integration-review is done, next by 2027-11-23',
  ],
};

describe('[PB-1.1] what a person reads of an event', () => {
  it.each(Object.entries(ROWS))('%s', (type, [data, words]) => {
    const event = { type, data } as IntegrationEvent;
    const text = sentence(event);
    expect(text).toContain(words);
    expect(text).not.toMatch(/undefined|\[object|null/);
    expect(text.length).toBeLessThan(500);
    expect(text).not.toMatch(/\b(?:oscar|ada|tara)\b/);
    expect(actorOf(event)).toBe('by' in data ? data.by : null);
    expect(reasonOf(event)).toBe('reason' in data ? data.reason : null);
  });

  it.each([
    [
      { kind: 'finding', check: 'contract-diff', ruleId: 'CD101', fingerprint: 'f' },
      'CD101 of contract-diff',
    ],
    [{ kind: 'rollout-type', rollout: 'full' }, 'a full rollout'],
    [{ kind: 'rollout-hold', step: '50' }, 'the hold at 50'],
  ] as const)('a waiver of %j', (target, words) => {
    const [data] = ROWS.WaiverGranted;
    expect(sentence({ type: 'WaiverGranted', data: { ...data, target } })).toContain(`waives ${words} for`);
  });
});
