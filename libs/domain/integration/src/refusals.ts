import type { StepNumber } from '@kwanus/domain-playbook';
import { DomainRejection } from '@kwanus/kernel';
import { releaseOf } from './gates.js';
import type { Giver } from './integration.commands.js';
import type { Integration, Release } from './integration.state.js';

/** @throws DomainRejection unless the integration can still be worked on */
export function assertOpen(state: Integration): void {
  if (state.status === 'retired')
    throw new DomainRejection('retired', `${state.integrationId} is retired; nothing moves it any more.`);
  if (state.status === 'suspended')
    throw new DomainRejection('suspended', `${state.integrationId} is suspended. Reinstate it first.`, [
      { what: 'reinstatement', who: 'operator', requirement: 'lifecycle:reinstate' },
    ]);
}

/** @returns the release. @throws DomainRejection when it is not under way, or not in one of the steps */
export function releaseIn(
  state: Integration,
  version: string,
  steps: readonly StepNumber[],
  what: string,
): Release {
  assertOpen(state);
  const release = releaseOf(state, version);
  if (release.status === 'withdrawn')
    throw new DomainRejection('withdrawn', `Release ${version} is withdrawn. Resubmit it first.`, [
      { what: 'resubmission', who: 'partner', requirement: 'lifecycle:resubmit' },
    ]);
  if (!steps.includes(release.step))
    throw new DomainRejection(
      'wrong-step',
      `${what} belongs to step ${steps.join(' or ')}; release ${version} is in step ${release.step}.`,
    );
  return release;
}

/** @throws DomainRejection unless the giver belongs to the integration's partner */
export function assertPartner(state: Integration, { partner, roles }: Giver): void {
  if (
    partner !== null
      ? partner === state.partner
      : roles.includes('service') || roles.includes('admin') || roles.includes('operator')
  )
    return;
  throw new DomainRejection('not-the-partner', `Only ${state.partner} does this for ${state.integrationId}.`);
}

/** @throws DomainRejection unless the giver has one of the roles */
export function assertRole({ roles }: Giver, ...allowed: readonly string[]): void {
  if (allowed.some((role) => roles.includes(role))) return;
  throw new DomainRejection('role-missing', `This is done by ${allowed.join(' or ')}.`);
}
