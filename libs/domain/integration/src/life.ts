import { DomainRejection } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import { isAfter } from './dates.js';
import { isOut, releaseOf } from './gates.js';
import type { AdoptPlaybook, MoveIntegration } from './integration.commands.js';
import type { IntegrationEvent } from './integration.events.js';
import type { Integration, Release } from './integration.state.js';
import { withConsequences } from './progress.js';
import { assertKeeper, assertNotRetired, assertOpen, assertRole } from './refusals.js';
import { givenUpRuns } from './requests.js';

/** suspend, reinstate, retire, deprecate: of the integration, or deprecate of one release. */
export function moveIntegration(
  command: MoveIntegration,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const { given, move, reason } = command;
  const { integrationId, status } = state;
  const by = { integrationId, reason, by: given.by };
  if (move === 'retire' && status === 'retired') return [];
  assertNotRetired(state);
  assertKeeper(state, given);
  switch (move) {
    case 'deprecate':
      return deprecate(command, state, context.asOf);
    case 'reinstate':
      return reinstate(command, state, context);
    case 'suspend':
      return status === 'suspended' ? [] : [{ type: 'IntegrationSuspended', data: by }];
    case 'retire':
      return [{ type: 'IntegrationRetired', data: by }, ...allGivenUp(state)];
  }
}

const allGivenUp = (state: Integration): readonly IntegrationEvent[] =>
  Object.values(state.releases).flatMap((release) =>
    givenUpRuns(state, release, 'the integration was retired'),
  );

/** What happened meanwhile, verdicts and evidence, moves the releases on now. */
function reinstate(
  { given, reason }: MoveIntegration,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  assertRole(given, 'operator', 'reviewer', 'admin');
  const { integrationId, status } = state;
  if (status !== 'suspended')
    throw new DomainRejection(
      'not-suspended',
      `${integrationId} is ${status}; there is nothing to reinstate.`,
    );
  const { by, requestId = null } = given;
  const reinstated: IntegrationEvent = { type: 'IntegrationReinstated', data: { integrationId, reason, by } };
  return withConsequences(state, [reinstated], newestOf(state), { ...context, requestId });
}

const newestOf = ({ releases }: Integration): string => Object.keys(releases).at(-1) ?? '';

function deprecate(
  { given: { by, release: version }, reason, sunset }: MoveIntegration,
  state: Integration,
  asOf: string,
): readonly IntegrationEvent[] {
  const { integrationId } = state;
  if (sunset !== null && !isAfter(sunset, asOf))
    throw new DomainRejection('sunset-passed', `The sunset ${sunset} is no moment to come.`, [
      { what: 'a sunset in the future, or none', who: 'partner', requirement: 'lifecycle:sunset' },
    ]);
  const before = version === null ? state : releaseOf(state, version);
  if (isDeprecated(before) && before.sunset === sunset) return [];
  if (version === null)
    return [{ type: 'IntegrationDeprecated', data: { integrationId, reason, by, sunset } }];
  assertOut(releaseOf(state, version));
  return [{ type: 'ReleaseDeprecated', data: { integrationId, release: version, reason, by, sunset } }];
}

const isDeprecated = (one: Integration | Release): boolean =>
  'deprecated' in one ? one.deprecated : one.status === 'deprecated';

function assertOut(release: Release): void {
  if (isOut(release)) return;
  throw new DomainRejection(
    'release-not-out',
    `Release ${release.release} is ${release.status}; only one that is out is deprecated.`,
  );
}

/** Moves the integration to another version of the playbook: from now on that one is asked, of what was decided before too. */
export function adoptPlaybook(
  { given, reason }: AdoptPlaybook,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  assertOpen(state);
  assertRole(given, 'admin', 'operator');
  const { playbook } = context;
  if (playbook.version === state.playbook) return [];
  if (!playbook.subjects.includes(state.subject))
    throw new DomainRejection(
      'unknown-subject',
      `Playbook ${playbook.version} introduces ${playbook.subjects.join(', ')}, no ${state.subject}.`,
    );
  const { integrationId, playbook: from } = state;
  const { by, requestId = null } = given;
  const adopted: IntegrationEvent = {
    type: 'PlaybookAdopted',
    data: { integrationId, playbook: playbook.version, from, by, reason },
  };
  return withConsequences(state, [adopted], newestOf(state), { ...context, requestId });
}
