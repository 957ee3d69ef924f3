import type { JsonObject } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import { isAfter } from './dates.js';
import type { EventOf, IntegrationEvent, SubmissionReference } from './integration.events.js';
import type { Integration, Release } from './integration.state.js';
import { entry } from './records.js';
import { riskOf, rolloutTypeOf } from './risk.js';
import { compareVersions } from './versions.js';

const referenceOf = ({ release, manifestPath, files }: Release): SubmissionReference => ({
  release,
  manifestPath,
  files,
});

/** Versions that somebody may still use: a deprecated one is supported until its sunset. */
const isServed =
  (asOf: string) =>
  ({ status, sunset }: Release): boolean =>
    status === 'live' || (status === 'deprecated' && (sunset === null || isAfter(sunset, asOf)));

/** @returns the releases that somebody may use besides this one, the newest first */
const basesOf = (state: Integration, release: Release, asOf: string): readonly Release[] =>
  Object.values(state.releases)
    .filter(isServed(asOf))
    .filter((base) => base.release !== release.release)
    .sort((a, b) => compareVersions(b.release, a.release));

/** @returns the releases that went live after the validation of this one was asked for: it was never compared with them */
export const unseenBases = (state: Integration, release: Release, asOf: string): readonly string[] => {
  const { validation } = release;
  if (validation === null) return [];
  return basesOf(state, release, asOf)
    .map((base) => base.release)
    .filter((base) => !validation.bases.includes(base));
};

/** @returns the request for a run of everything that is submitted now, against every live version, the newest first */
export function validationOf(
  state: Integration,
  release: Release,
  { requestId, asOf }: { readonly requestId: string; readonly asOf: string },
): EventOf<'ValidationRequested'> {
  return {
    type: 'ValidationRequested',
    data: {
      integrationId: state.integrationId,
      release: release.release,
      requestId,
      purpose: 'release',
      task: null,
      submission: referenceOf(release),
      bases: basesOf(state, release, asOf).map(referenceOf),
      asOf,
    },
  };
}

const cancelled = (
  { integrationId }: Integration,
  { release }: Release,
  run: { readonly requestId: string; readonly task: string | null; readonly reason: string },
): EventOf<'ValidationCancelled'> => ({
  type: 'ValidationCancelled',
  data: { integrationId, release, ...run },
});

/** @returns the end of the release's run, where one is under way: nobody waits for it any more */
export const givenUpRun = (
  state: Integration,
  release: Release,
  reason: string,
): readonly EventOf<'ValidationCancelled'>[] => {
  const { validation } = release;
  return validation?.outcome === 'running'
    ? [cancelled(state, release, { requestId: validation.requestId, task: null, reason })]
    : [];
};

/** @returns the end of the run that looks at a task's evidence, where one is under way */
export const givenUpEvidence = (
  state: Integration,
  release: Release,
  task: string,
  reason: string,
): readonly EventOf<'ValidationCancelled'>[] => {
  const known = entry(release.tasks, task);
  return known?.state === 'recorded' && known.requestId !== null
    ? [cancelled(state, release, { requestId: known.requestId, task, reason })]
    : [];
};

/** @returns the end of every run of the release that is under way */
export const givenUpRuns = (
  state: Integration,
  release: Release,
  reason: string,
): readonly IntegrationEvent[] => [
  ...givenUpRun(state, release, reason),
  ...Object.keys(release.tasks).flatMap((task) => givenUpEvidence(state, release, task, reason)),
];

/** Name in the release record → the digest that stands for it. */
const RECORD: Readonly<Record<string, string>> = {
  contract: 'contract',
  workflows: 'manifest:workflows',
  permissions: 'manifest:permissions',
  extensions: 'manifest:extensions',
  fallback: 'manifest:fallback',
  'migration-guide': 'document:migrationGuide',
  bundle: 'everything',
};

/** @returns the digests that the immutable record of the release is made of, by name */
export function recordOf({ digests, files, manifestPath }: Release): Readonly<Record<string, string>> {
  const manifest = files.find(({ path }) => path === manifestPath)?.digest;
  const parts = Object.entries(RECORD).flatMap(([name, key]) => {
    const digest = entry(digests, key);
    return digest === undefined ? [] : [[name, digest] as const];
  });
  return { ...Object.fromEntries(parts), ...(manifest === undefined ? {} : { manifest }) };
}

const watchedIn = ({ declared }: Release): JsonObject => {
  const { operations, workflows, permissions, extensions, slos, egress } = declared;
  return {
    operations,
    workflows,
    permissions,
    extensions,
    slos,
    ...(egress === undefined ? {} : { egress }),
  };
};

/** @returns the risk, and the request for a rollout with all that rollout and monitoring must know */
export function rolloutOf(
  state: Integration,
  release: Release,
  { playbook, asOf }: Pick<IntegrationContext, 'playbook' | 'asOf'>,
): readonly IntegrationEvent[] {
  const of = { integrationId: state.integrationId, release: release.release };
  const risk = riskOf(state, release, playbook);
  const { type, typeWaiver } = rolloutTypeOf(release, risk.computed, asOf);
  const { declared } = release;
  return [
    { type: 'RiskAssessed', data: { ...of, ...risk, type } },
    {
      type: 'RolloutRequested',
      data: {
        ...of,
        rolloutId: `${state.integrationId}@${release.release}.${release.rollouts + 1}`,
        previous: state.live,
        type,
        ...(typeWaiver === null ? {} : { typeWaiver }),
        risk: { level: risk.level, reasons: risk.reasons },
        subject: state.subject,
        record: recordOf(release),
        fallback: declared.fallback,
        allowList: { internal: ['internal'], partners: [state.partner] },
        partnerOnly: declared.partnerOnly,
        watched: watchedIn(release),
        accountable: declared.accountable,
        requestedAt: asOf,
      },
    },
  ];
}
