import type { IntegrationContext } from './context.js';
import type { RecordFact } from './integration.commands.js';
import type { IntegrationEvent } from './integration.events.js';
import type { Integration, Release } from './integration.state.js';
import { withConsequences } from './progress.js';

/**
 * Records what another service found. Never refused: what comes too late, or speaks of what is not here, is kept as
 * LateFactRecorded, so that nothing is lost and nothing moves by it.
 */
export function recordFact(
  { fact, requestId }: RecordFact,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const { data } = fact;
  const version = 'release' in data && typeof data.release === 'string' ? data.release : null;
  const release = version === null ? undefined : state.releases[version];
  const late =
    version === null || release === undefined ? 'the release is not known' : lateness(fact, release);
  if (late !== null) {
    const { cause } = data as { readonly cause: string };
    return [
      {
        type: 'LateFactRecorded',
        data: {
          integrationId: state.integrationId || data.integrationId,
          release: version,
          fact: fact.type,
          cause,
          reason: late,
          data: JSON.parse(JSON.stringify(data)),
        },
      },
    ];
  }
  return withConsequences(state, [fact], version ?? '', { ...context, requestId });
}

const FINAL = ['rolled-back', 'completed'];

function lateness(fact: IntegrationEvent, release: Release): string | null {
  if ('rolloutId' in fact.data) {
    const { rolloutId } = fact.data;
    if (release.rollout?.rolloutId !== rolloutId)
      return `another rollout is under way (${release.rollout?.rolloutId ?? 'none'})`;
    if (
      FINAL.includes(release.rollout.state) &&
      !(release.rollout.state === 'completed' && fact.type === 'RolledBack')
    )
      return `the rollout is ${release.rollout.state}`;
    return release.status === 'withdrawn' && fact.type !== 'RolledBack' ? 'the release is withdrawn' : null;
  }
  if (
    (fact.type === 'EvidenceVerified' || fact.type === 'EvidenceRefused') &&
    release.tasks[fact.data.task]?.state !== 'recorded'
  )
    return 'the evidence has been judged';
  if ('requestId' in fact.data && release.validation?.requestId !== fact.data.requestId)
    return 'a newer validation was asked for';
  return null;
}
