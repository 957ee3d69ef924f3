import type { StepNumber } from '@kwanus/domain-playbook';
import { DomainRejection } from '@kwanus/kernel';
import { releaseOf } from './gates.js';
import type { Giver } from './integration.commands.js';
import type { Integration, Release } from './integration.state.js';

/** @throws DomainRejection `retired` */
export function assertNotRetired({ status, integrationId }: Integration): void {
  if (status === 'retired')
    throw new DomainRejection('retired', `${integrationId} is retired; nothing moves it any more.`);
}

/** @throws DomainRejection unless the integration can still be worked on */
export function assertOpen(state: Integration): void {
  assertNotRetired(state);
  if (state.status === 'suspended')
    throw new DomainRejection('suspended', `${state.integrationId} is suspended. Reinstate it first.`, [
      { what: 'reinstatement', who: 'operator', requirement: 'lifecycle:reinstate' },
    ]);
}

/** @throws DomainRejection `withdrawn` */
export function assertNotWithdrawn({ status, release }: Release): void {
  if (status === 'withdrawn')
    throw new DomainRejection(
      'withdrawn',
      `Release ${release} is withdrawn. Resubmit it first, or give the next one a higher version.`,
      [{ what: 'resubmission', who: 'partner', requirement: 'lifecycle:resubmit' }],
    );
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
  assertNotWithdrawn(release);
  if (!steps.includes(release.step) || release.status !== 'in-progress')
    throw new DomainRejection(
      'wrong-step',
      `${what} belongs to step ${steps.join(' or ')}; release ${version} is in step ${release.step} (${release.status}).`,
    );
  return release;
}

/** @throws DomainRejection unless the giver belongs to the integration's partner, or acts for the platform */
export function assertPartner(state: Integration, { partner, roles }: Giver): void {
  if (
    partner !== null
      ? partner === state.partner
      : roles.includes('service') || roles.includes('admin') || roles.includes('operator')
  )
    return;
  throw new DomainRejection(
    'not-the-partner',
    `Only ${state.partner} does this for ${state.integrationId}.`,
    [{ what: `a command by ${state.partner}`, who: 'partner', requirement: 'role:partner' }],
  );
}

/** @throws DomainRejection unless the giver has one of the roles */
export function assertRole({ roles }: Giver, ...allowed: readonly string[]): void {
  if (allowed.some((role) => roles.includes(role))) return;
  throw new DomainRejection('role-missing', `This is done by ${allowed.join(' or ')}.`, [
    {
      what: `a command by ${allowed.join(' or ')}`,
      who: 'platform',
      requirement: `role:${allowed[0] ?? ''}`,
    },
  ]);
}

/** @throws DomainRejection unless the giver is the partner, or one of the platform's people who look after integrations */
export function assertKeeper(state: Integration, given: Giver): void {
  if (given.partner === null) assertRole(given, 'operator', 'reviewer', 'admin');
  else assertPartner(state, given);
}

/** A service identity names the person who answers for it. @throws DomainRejection `sponsor-missing` */
export function assertSponsored({ roles, sponsor }: Giver): void {
  if (roles.includes('service') && sponsor === null)
    throw new DomainRejection(
      'sponsor-missing',
      'A service identity names the person who answers for it. Use a token with a sponsor.',
      [{ what: 'a sponsor of the service identity', who: 'partner', requirement: 'role:sponsor' }],
    );
}

/** @returns who gave the command and, for a service identity, who answers for it: both are proposers then */
export const answeringFor = ({ by, sponsor }: Giver): { readonly by: string; readonly sponsor?: string } => ({
  by,
  ...(typeof sponsor === 'string' ? { sponsor } : {}),
});
