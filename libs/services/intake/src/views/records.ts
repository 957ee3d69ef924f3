import type { intakeHttp } from '@kwanus/contracts';
import { addDuration, gate, type Release, waiversInForce } from '@kwanus/domain-integration';
import type { z } from 'zod';
import { moment } from '../overview/overview.js';
import { decisionsOf, decisionView } from './decisions.js';
import { releasesIn, type Shown } from './shown.js';

type ValidationsView = z.infer<typeof intakeHttp.ValidationsView>;
type WaiversView = z.infer<typeof intakeHttp.WaiversView>;
type SignOffView = z.infer<typeof intakeHttp.SignOffView>;
type DecisionsView = z.infer<typeof intakeHttp.DecisionsView>;
export type StewardshipTaskView = z.infer<typeof intakeHttp.StewardshipTaskView>;

const head = ({ overview }: Shown) => ({
  integrationId: overview.state.integrationId,
  version: overview.version,
});

/** @returns every decision on the releases that were asked for, with its votes */
export const decisionsView = (shown: Shown, release: string | undefined): DecisionsView => ({
  ...head(shown),
  items: releasesIn(shown.overview, release).flatMap((one) =>
    decisionsOf(shown, one).map((decision) => decisionView(shown, decision)),
  ),
});

/** @returns what intake recorded of validations: check by check */
export const validationsView = (shown: Shown, release: string | undefined): ValidationsView => ({
  ...head(shown),
  items: releasesIn(shown.overview, release).flatMap((one) => validationItems(shown, one)),
});

function validationItems({ overview }: Shown, { release, validation }: Release): ValidationsView['items'] {
  if (validation === null) return [];
  const { runId, outcome, checks } = validation;
  const at = overview.times[moment.validated(release)] ?? null;
  if (checks.length === 0)
    return [
      { release, kind: 'run', outcome, runId, at: null, summary: `The run is ${outcome}.`, blocking: [] },
    ];
  return checks.map(({ check, kind, outcome: of, summary, blocking }) => ({
    release,
    kind,
    outcome: of,
    runId,
    at,
    summary: `${check}: ${summary}`,
    blocking: blocking.map((finding) => ({ check, ...finding })),
  }));
}

/** @returns waivers, those that ran out included */
export const waiversView = (shown: Shown, release: string | undefined): WaiversView => ({
  ...head(shown),
  items: releasesIn(shown.overview, release).flatMap((one) =>
    one.waivers.map(({ waiverId, body, target, reason, by, expiresAt }) => ({
      waiverId,
      release: one.release,
      body,
      target,
      reason,
      by: shown.names(by),
      grantedAt: shown.overview.times[moment.waiver(waiverId)] ?? '',
      expiresAt,
      inForce: waiversInForce(one, shown.asOf).some((waiver) => waiver.waiverId === waiverId),
    })),
  ),
});

/** @returns who has signed a release, who has not, and what stands in the way */
export function signOffView(shown: Shown, release: Release): SignOffView {
  const { overview, playbook, asOf } = shown;
  return {
    ...head(shown),
    release: release.release,
    signedOff:
      release.status === 'live' || release.status === 'superseded' || release.status === 'deprecated',
    authorities: decisionsOf(shown, release)
      .filter(({ kind }) => kind === 'sign-off')
      .map((decision) => decisionView(shown, decision)),
    missing: [...gate(overview.state, release.release, 7, { playbook, asOf }).missing],
  };
}

/** @returns the annual tasks, the earliest first */
export function stewardshipOf({
  overview,
  playbook,
}: Pick<Shown, 'overview' | 'playbook'>): readonly StewardshipTaskView[] {
  const { state, times } = overview;
  return playbook.stewardship
    .flatMap(({ id, title, body, remindBefore }) => {
      const known = state.stewardship[id];
      if (known === undefined) return [];
      return [
        {
          integrationId: state.integrationId,
          partner: state.partner,
          task: id,
          title,
          body,
          dueAt: known.dueAt,
          remindAt: addDuration(known.dueAt, remindBefore, -1),
          state: known.state,
          lastDoneAt: times[moment.done(id)] ?? null,
        },
      ];
    })
    .sort((a, b) => (a.dueAt === b.dueAt ? 0 : a.dueAt < b.dueAt ? -1 : 1));
}
