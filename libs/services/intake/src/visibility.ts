import { type Caller, maySeePartner } from '@kwanus/auth';
import { notFound } from '@kwanus/http';

/** @returns the partner whose things the caller may see; null: everybody's. @throws HttpProblem not-found for nobody's */
export function partnerOf(caller: Caller): string | null {
  if (caller.partner !== null) return caller.partner;
  if (maySeePartner(caller, '')) return null;
  throw notFound();
}

/** @returns the partner that an integration id begins with */
export const partnerIn = (integrationId: string): string =>
  integrationId.slice(0, integrationId.indexOf('.'));

/** @throws HttpProblem not-found, the same as for what is missing, when the integration is another partner's */
export function checkVisible(caller: Caller, integrationId: string): void {
  if (!maySeePartner(caller, partnerIn(integrationId))) throw notFound();
}
