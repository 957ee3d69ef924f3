import { DomainRejection } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import { isOut } from './gates.js';
import type { SubmitRelease } from './integration.commands.js';
import type { IntegrationEvent, Submitted } from './integration.events.js';
import { evolve } from './integration.evolve.js';
import { INITIAL, type Integration, type Release } from './integration.state.js';
import { withConsequences } from './progress.js';
import { entry } from './records.js';
import { assertNotWithdrawn, assertOpen, assertPartner, assertSponsored } from './refusals.js';
import { givenUpRun, validationOf } from './requests.js';
import { compareVersions } from './versions.js';

/** Opens a release or amends it; the same submission again is not news. */
export function submit(
  command: SubmitRelease,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const { release, requestId } = command.given;
  const first = state.proposed ? [] : [proposed(command, context)];
  const now = first.reduce(evolve, state.proposed ? state : INITIAL);
  assertOpen(now);
  assertPartner(now, command.given);
  assertSponsored(command.given);
  assertSame(command, now, context);
  const known = entry(now.releases, release);
  const news = known === undefined ? opened(command, now) : amended(command, known);
  if (news.length === 0) return [];
  const events = [...first, ...news];
  const runs = runAgain(events, state, context, command.given);
  return withConsequences(state, [...events, ...runs], release, { ...context, requestId });
}

const proposed = (
  { given: { integrationId, by }, submitted: { partner, name, subject } }: SubmitRelease,
  { playbook }: IntegrationContext,
): IntegrationEvent => ({
  type: 'IntegrationProposed',
  data: { integrationId, partner, name, subject, playbook: playbook.version, by },
});

function assertSame(
  { given: { integrationId }, submitted: { partner, name, subject, declared } }: SubmitRelease,
  now: Integration,
  { playbook }: IntegrationContext,
): void {
  if (integrationId !== `${partner}.${name}`)
    throw new DomainRejection(
      'other-integration',
      `The manifest is of ${partner}.${name}, not of ${integrationId}.`,
    );
  if (subject !== now.subject)
    throw new DomainRejection(
      'subject-changed',
      `${integrationId} is a ${now.subject}; a ${subject} is proposed under a name of its own.`,
    );
  if (!playbook.subjects.includes(subject))
    throw new DomainRejection(
      'unknown-subject',
      `Playbook ${playbook.version} introduces ${playbook.subjects.join(', ')}, no ${subject}.`,
    );
  assertAccountable(declared);
}

/** Somebody at the partner and somebody at the platform answer for every release. */
function assertAccountable({ accountable: { contact, sponsor } }: Submitted['declared']): void {
  if (contact !== '' && sponsor !== '') return;
  const what = contact === '' ? 'a contact at the partner' : 'a sponsor at the platform';
  throw new DomainRejection('accountable-missing', `Name ${what} under \`accountable\` in the manifest.`, [
    { what, who: 'partner', requirement: 'manifest:accountable' },
  ]);
}

const inputsOf = ({ submitted: { manifestPath, files, digests, declared } }: SubmitRelease): Submitted => ({
  manifestPath,
  files,
  digests,
  declared,
});

function opened(command: SubmitRelease, state: Integration): IntegrationEvent[] {
  const { integrationId, release, by, sponsor } = command.given;
  const above = Object.values(state.releases).find(
    (other) => isOut(other) && compareVersions(other.release, release) > 0,
  );
  if (above !== undefined)
    throw new DomainRejection(
      'version-not-newer',
      `Release ${release} is older than ${above.release}, which is out. Give it a higher version in metadata.version.`,
      [{ what: `a version above ${above.release}`, who: 'partner', requirement: 'release:versioned' }],
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
  assertNotWithdrawn(known);
  if (known.step > 4 || known.status !== 'in-progress' || known.recorded)
    throw new DomainRejection(
      'release-fixed',
      `Release ${release} is in step ${known.step} (${known.status}${known.recorded ? ', recorded for rollout' : ''}): what is released does not change. Give the change a higher version.`,
      [{ what: 'the change under a higher version', who: 'partner', requirement: 'release:versioned' }],
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
  const shown = entry(amendedNow.releases, release);
  const isAmended = events.some(({ type }) => type === 'ReleaseAmended');
  return isAmended && shown?.step === 4
    ? [
        ...givenUpRun(amendedNow, shown, 'what it looks at was amended'),
        validationOf(amendedNow, shown, { requestId, asOf: context.asOf }),
      ]
    : [];
}
