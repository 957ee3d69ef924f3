import { DomainRejection, type Missing } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import type { Giver } from './integration.commands.js';
import type { IntegrationEvent } from './integration.events.js';
import type { Integration, Release, Rollout } from './integration.state.js';
import { lapsed } from './judges.js';
import { POLICY } from './policy.js';
import { level, mayResume, RESUMPTION, rankOf } from './ranks.js';

/** @throws DomainRejection when somebody higher paused it, or while its gate is blocked again */
export function assertMayResume(
  giver: Giver,
  state: Integration,
  { release, rollout }: { readonly release: Release; readonly rollout: Rollout },
  context: IntegrationContext,
): void {
  const by = mayResume(rollout);
  if (level(rankOf(giver)) < level(by))
    throw new DomainRejection(
      'paused-by-another',
      `The rollout of ${release.release} was paused by somebody who is ${by}; who is ${rankOf(giver)} does not let it go on.`,
      [{ what: `the resumption by ${by}`, who: by, requirement: RESUMPTION }],
    );
  assertNotLapsed(state, release, context);
}

/** Nothing leads further while a waiver that let the release in has ended. @throws DomainRejection `gate-blocked` */
export function assertNotLapsed(state: Integration, release: Release, context: IntegrationContext): void {
  const missing = lapsed({ state, release, ...context });
  if (missing.length === 0) return;
  throw new DomainRejection(
    'gate-blocked',
    `The gate that ${release.release} came through is blocked again: ${list(missing)}.`,
    missing,
  );
}

const MOVING: ReadonlySet<Rollout['state']> = new Set(['running', 'held', 'baking']);

/** A waiver ended, and what it let through is exposed: the rollout pauses until a new one stands and somebody resumes it. */
export function pausedByGate(
  state: Integration,
  release: Release,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const { rollout } = release;
  if (rollout === null || !MOVING.has(rollout.state) || rollout.goingBack || rollout.pauses.includes('gate'))
    return [];
  const missing = lapsed({ state, release, ...context });
  if (missing.length === 0) return [];
  const { integrationId } = state;
  const { rolloutId } = rollout;
  const reason = `its gate is blocked again: ${list(missing)}`;
  return [
    {
      type: 'RolloutPauseRequested',
      data: { integrationId, release: release.release, rolloutId, reason, by: POLICY, rank: 'gate' },
    },
  ];
}

const list = (missing: readonly Missing[]): string => missing.map(({ what }) => what).join('; ');
