import type { JsonObject } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import type { RecordFact } from './integration.commands.js';
import type { EventOf, IntegrationEvent } from './integration.events.js';
import type { Integration, Release, Rollout } from './integration.state.js';
import { POLICY } from './policy.js';
import { withConsequences } from './progress.js';
import { entry } from './records.js';
import { stewardFailed } from './stewardship.js';

/**
 * Records what another service found. Never refused: what comes too late, or speaks of what is not here, is kept as
 * LateFactRecorded, so that nothing is lost and nothing moves by it; what was recorded from the same event already is not news.
 */
export function recordFact(
  { fact, requestId }: RecordFact,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const cause = 'cause' in fact.data ? fact.data.cause : '';
  if (state.recentCauses.includes(cause)) return [];
  const version = 'release' in fact.data ? fact.data.release : null;
  const release = version === null ? undefined : entry(state.releases, version);
  if (version === null || release === undefined)
    return [lateFact(state, fact, { cause, release: version, reason: 'the release is not known' })];
  const reason = latenessOf(fact, release, state);
  if (reason !== null) return [lateFact(state, fact, { cause, release: version, reason })];
  const news = [fact, ...stewardFailed(fact, state, context), ...takenBack(fact, release, state)];
  return withConsequences(state, news, version, { ...context, requestId });
}

const lateFact = (
  { integrationId }: Integration,
  { type: fact, data }: IntegrationEvent,
  why: { readonly cause: string; readonly release: string | null; readonly reason: string },
): IntegrationEvent => ({
  type: 'LateFactRecorded',
  data: { integrationId, fact, ...why, data: JSON.parse(JSON.stringify(data)) as JsonObject },
});

/**
 * A use without a grant takes a release back until it is signed off. It is asked for here, where sign-offs are recorded: which of the
 * two came first is then the same for everybody.
 */
function takenBack(
  fact: IntegrationEvent,
  { status, release, rollout }: Release,
  { integrationId }: Integration,
): readonly IntegrationEvent[] {
  if (fact.type !== 'PermissionViolated' || fact.data.kind !== 'bypassed') return [];
  if (status !== 'in-progress' || rollout === null || rollout.goingBack) return [];
  const { permission, count } = fact.data;
  const reason = `permission ${permission} was used ${count} × without a grant`;
  const { rolloutId } = rollout;
  return [
    {
      type: 'RolloutRollbackRequested',
      data: { integrationId, release, rolloutId, reason, by: POLICY, code: 'permission-bypassed' },
    },
  ];
}

type Verdict = EventOf<'ValidationPassed' | 'ValidationFailed' | 'ValidationInconclusive'>;
type OnEvidence = EventOf<'EvidenceVerified' | 'EvidenceRefused'>;

function latenessOf(fact: IntegrationEvent, release: Release, state: Integration): string | null {
  switch (fact.type) {
    case 'EvidenceVerified':
    case 'EvidenceRefused':
      return evidenceLateness(fact, release);
    case 'ValidationPassed':
    case 'ValidationFailed':
    case 'ValidationInconclusive':
      return verdictLateness(fact, release, state);
    default:
      return 'rolloutId' in fact.data ? rolloutLateness(fact.type, fact.data.rolloutId, release) : null;
  }
}

function evidenceLateness({ data }: OnEvidence, { tasks }: Release): string | null {
  const task = entry(tasks, data.task);
  if (task?.state !== 'recorded') return 'the evidence has been judged';
  return data.requestId !== undefined && data.requestId !== task.requestId
    ? 'other evidence has been recorded since'
    : null;
}

const verdictLateness = (
  { data: { requestId } }: Verdict,
  { validation }: Release,
  { stewardship }: Integration,
): string | null => {
  if (Object.values(stewardship).some((one) => one.requestId === requestId)) return null;
  if (validation?.requestId !== requestId) return 'a newer validation was asked for';
  return validation.outcome === 'running' ? null : `the run has its verdict: ${validation.outcome}`;
};

const FINAL: ReadonlySet<Rollout['state']> = new Set(['rolled-back', 'completed', 'refused', 'superseded']);
/** Nothing undoes these; they hold whatever became of the release meanwhile. */
const ENDS: ReadonlySet<IntegrationEvent['type']> = new Set([
  'RolledBack',
  'RolloutSuperseded',
  'RolloutRefused',
]);

function rolloutLateness(
  type: IntegrationEvent['type'],
  rolloutId: string,
  { rollout, status }: Release,
): string | null {
  if (rollout?.rolloutId !== rolloutId)
    return `another rollout is under way (${rollout?.rolloutId ?? 'none'})`;
  if (FINAL.has(rollout.state) && !(rollout.state === 'completed' && type === 'RolledBack'))
    return `the rollout is ${rollout.state}`;
  return status === 'withdrawn' && !ENDS.has(type) ? 'the release is withdrawn' : null;
}
