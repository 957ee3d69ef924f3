import { type Caller, maySeePartner } from '@kwanus/auth';
import { notFound } from '@kwanus/http';

/** @returns the partner whose things the caller may see; null: everybody's. @throws not-found for who belongs nowhere */
export function partnerOf(caller: Caller): string | null {
  if (caller.partner !== null) return caller.partner;
  if (maySeePartner(caller, '')) return null;
  throw notFound();
}

/** @returns true when the integration is one that the caller may see */
export const maySee = (caller: Caller, integrationId: string): boolean =>
  maySeePartner(caller, integrationId.slice(0, integrationId.indexOf('.')));
