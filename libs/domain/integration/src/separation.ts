import { DomainRejection } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import type { Integration, Release } from './integration.state.js';
import { hasProposed } from './proposers.js';
import { bodyOf, sits } from './votes.js';

/** @throws DomainRejection when the person may not decide for the body in this release (separation of duties) */
export function assertMayDecide(
  state: Integration,
  release: Release,
  voter: { by: string; partner: string | null; body: string },
  { membership }: Pick<IntegrationContext, 'membership'>,
): void {
  const { by, partner, body } = voter;
  const needed = [
    { what: `a decision by another member of ${body}`, who: body, requirement: `seat:${body}` },
  ];
  if (partner !== null)
    throw new DomainRejection(
      'partner-holds-no-seat',
      "A partner's people hold no seat and decide nothing.",
      needed,
    );
  if (!sits(membership, body, by))
    throw new DomainRejection('no-seat', `You hold no seat of ${body}. Its members decide this.`, needed);
  if (hasProposed(release, by))
    throw new DomainRejection(
      'own-proposal',
      'Who proposed something in this release decides nothing on it.',
      needed,
    );
  const other = bodyOf(state, release, by);
  if (other !== null && other !== body)
    throw new DomainRejection(
      'signed-for-another-body',
      `You have decided for ${other} in release ${release.release}; one person decides for one body only.`,
      needed,
    );
}
