import { type Caller, maySee } from '@kwanus/auth';
import { notFound } from '@kwanus/http';

/** @throws HttpProblem not-found, the same as for what is missing, when the integration is another partner's */
export function checkVisible(caller: Caller, integrationId: string): void {
  if (!maySee(caller, integrationId)) throw notFound();
}
