import { DomainRejection, isDomainRejection } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import { gate } from './gates.js';
import type { IntegrationCommand } from './integration.commands.js';
import type { Integration } from './integration.state.js';
import { entry } from './records.js';

/** Refusals of what comes too early: what stands between the release and its time is what its gate misses. */
const TOO_EARLY: ReadonlySet<string> = new Set([
  'wrong-step',
  'not-awaited',
  'no-such-rollout',
  'release-not-out',
]);

/** @returns the rejection with what the release's present step misses, where it does not name anything itself; any other error as it is */
export function withWhatIsMissing(
  error: unknown,
  command: IntegrationCommand,
  state: Integration,
  context: IntegrationContext,
): unknown {
  if (!isDomainRejection(error) || error.missing.length > 0 || !TOO_EARLY.has(error.code)) return error;
  const version = 'given' in command && 'release' in command.given ? command.given.release : null;
  const release = version === null ? undefined : entry(state.releases, version);
  if (release === undefined) return error;
  const { missing } = gate(state, release.release, release.step, context);
  return new DomainRejection(error.code, error.message, missing);
}
