import { DomainRejection } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import type { SubmitRelease } from './integration.commands.js';
import type { IntegrationEvent, Submitted } from './integration.events.js';
import { evolve } from './integration.evolve.js';
import { INITIAL, type Integration, type Release } from './integration.state.js';
import { validationOf, withConsequences } from './progress.js';
import { assertOpen, assertPartner } from './refusals.js';

/** Opens a release or amends it; the same submission again is not news. */
export function submit(
  command: SubmitRelease,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const { given, submitted } = command;
  const { integrationId, release, by } = given;
  const first: IntegrationEvent[] = state.proposed
    ? []
    : [
        {
          type: 'IntegrationProposed',
          data: {
            integrationId,
            partner: submitted.partner,
            name: submitted.name,
            subject: submitted.subject,
            playbook: context.playbook.version,
            by,
          },
        },
      ];
  const now = first.reduce(evolve, state.proposed ? state : INITIAL);
  assertOpen(now);
  assertPartner(now, given);
  if (given.partner === null && given.roles.includes('service') && given.sponsor === null)
    throw new DomainRejection(
      'sponsor-missing',
      'A service identity names the person who answers for it. Use a token with a sponsor.',
    );
  if (submitted.subject !== now.subject)
    throw new DomainRejection(
      'subject-changed',
      `${integrationId} is a ${now.subject}; a ${submitted.subject} is proposed under a name of its own.`,
    );
  const known = now.releases[release];
  const news = known === undefined ? opened(command, now) : amended(command, known);
  if (news.length === 0) return [];
  const events = [...first, ...news];
  return withConsequences(state, [...events, ...runAgain(events, state, context, given)], release, {
    ...context,
    requestId: given.requestId,
  });
}

const inputsOf = ({ submitted: { manifestPath, files, digests, declared } }: SubmitRelease): Submitted => ({
  manifestPath,
  files,
  digests,
  declared,
});

function opened(command: SubmitRelease, state: Integration): IntegrationEvent[] {
  const { integrationId, release, by, sponsor } = command.given;
  const newest = Object.values(state.releases)
    .filter(({ status }) => status !== 'withdrawn')
    .map(({ release: version }) => version);
  const above = newest.find(
    (version) => compareVersions(version, release) > 0 && state.releases[version]?.status !== 'in-progress',
  );
  if (above !== undefined)
    throw new DomainRejection(
      'version-not-newer',
      `Release ${release} is older than ${above}, which is out. Give it a higher version in metadata.version.`,
    );
  const of = { integrationId, release };
  return [
    { type: 'ReleaseOpened', data: { ...of, by, sponsor, ...inputsOf(command) } },
    { type: 'StepEntered', data: { ...of, step: 1 } },
  ];
}

function amended(command: SubmitRelease, known: Release): IntegrationEvent[] {
  const { integrationId, release, by, sponsor } = command.given;
  const changed = [...new Set([...Object.keys(known.digests), ...Object.keys(command.submitted.digests)])]
    .filter((key) => known.digests[key] !== command.submitted.digests[key])
    .sort();
  if (changed.length === 0) return [];
  if (known.status === 'withdrawn')
    throw new DomainRejection(
      'withdrawn',
      `Release ${release} is withdrawn. Resubmit it first, or give the next one a higher version.`,
    );
  if (known.step > 4 || known.status !== 'in-progress')
    throw new DomainRejection(
      'release-fixed',
      `Release ${release} is in step ${known.step} (${known.status}): what is released does not change. Give the change a higher version.`,
    );
  return [
    { type: 'ReleaseAmended', data: { integrationId, release, by, sponsor, changed, ...inputsOf(command) } },
  ];
}

/** In step 4 an amendment is validated at once: the old verdict says nothing about it. */
function runAgain(
  events: readonly IntegrationEvent[],
  state: Integration,
  context: IntegrationContext,
  { release, requestId }: { release: string; requestId: string },
): IntegrationEvent[] {
  const amendedNow = events.reduce(evolve, state);
  const shown = amendedNow.releases[release];
  const isAmended = events.some(({ type }) => type === 'ReleaseAmended');
  return isAmended && shown?.step === 4
    ? [validationOf(amendedNow, shown, { requestId, asOf: context.asOf })]
    : [];
}

/** Semantic Versioning 2.0.0, §11: numbers compare as numbers, a pre-release is lower than its release. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [partsOf(left), partsOf(right)];
  for (let index = 0; index < 3; index += 1) {
    const difference = (a.numbers[index] ?? 0) - (b.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (a.pre === b.pre) return 0;
  if (a.pre === null) return 1;
  if (b.pre === null) return -1;
  return comparePreReleases(a.pre, b.pre);
}

function comparePreReleases(left: string, right: string): number {
  const [a, b] = [left.split('.'), right.split('.')];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const [x, y] = [a[index], b[index]];
    if (x === undefined) return -1;
    if (y === undefined) return 1;
    if (x === y) continue;
    const [xIsNumber, yIsNumber] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    if (xIsNumber && yIsNumber) return Number(x) - Number(y);
    if (xIsNumber !== yIsNumber) return xIsNumber ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return 0;
}

function partsOf(version: string): { readonly numbers: readonly number[]; readonly pre: string | null } {
  const [core = '', ...pre] = version.split('-');
  return { numbers: core.split('.').map(Number), pre: pre.length === 0 ? null : pre.join('-') };
}
