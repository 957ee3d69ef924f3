import type { intakeHttp } from '@kwanus/contracts';
import { gatesOf, type Release, riskOf, rolloutTypeOf } from '@kwanus/domain-integration';
import type { Playbook } from '@kwanus/domain-playbook';
import type { z } from 'zod';
import { moment, type Overview } from '../overview/overview.js';
import { waitingDecisions } from './decisions.js';
import { newestFirst, type Shown } from './shown.js';

export type IntegrationView = z.infer<typeof intakeHttp.IntegrationView>;
export type IntegrationSummary = z.infer<typeof intakeHttp.IntegrationSummary>;
export type GatesView = z.infer<typeof intakeHttp.GatesView>;
type ReleaseView = z.infer<typeof intakeHttp.ReleaseView>;
type DocumentView = z.infer<typeof intakeHttp.DocumentView>;

/** @returns one line of the list */
export function summaryOf(overview: Overview, playbook: Playbook): IntegrationSummary {
  const { state, version, updatedAt } = overview;
  const releases = newestFirst(state);
  const waiting = releases.flatMap((release) => waitingDecisions({ overview, playbook }, release));
  return {
    id: state.integrationId,
    partner: state.partner,
    name: state.name,
    subject: state.subject,
    status: state.status,
    releases: releases.map(({ release, step, status, risk }) => ({
      release,
      step,
      status,
      risk: risk?.level ?? null,
    })),
    live: state.live,
    waitingFor: [...new Set(waiting.map(({ body }) => body))].sort(),
    version,
    updatedAt,
  };
}

/** @returns the integration with all its releases */
export function integrationView(shown: Shown): IntegrationView {
  const { state, version, updatedAt } = shown.overview;
  return {
    id: state.integrationId,
    partner: state.partner,
    name: state.name,
    subject: state.subject,
    status: state.status,
    playbook: state.playbook,
    live: state.live,
    releases: newestFirst(state).map((release) => releaseView(shown, release)),
    version,
    updatedAt,
  };
}

function releaseView(shown: Shown, release: Release): ReleaseView {
  const { overview, names } = shown;
  const { declared, files, manifestPath } = release;
  return {
    release: release.release,
    step: release.step,
    status: release.status,
    subject: declared.subject,
    supersedes: declared.supersedes,
    submittedAt: overview.times[moment.submitted(release.release)] ?? '',
    proposers: release.proposers.map(names),
    accountable: {
      contact: names(declared.accountable.contact).name,
      sponsor: names(declared.accountable.sponsor).name,
    },
    manifest: { path: manifestPath, digest: files.find(({ path }) => path === manifestPath)?.digest ?? '' },
    files: [...files],
    documents: documentsOf(shown, release).map(({ kind, section, file }) => ({ kind, section, file })),
    sections: release.digests,
    tasks: tasksOf(shown, release),
    risk: riskView(shown, release),
    rollout:
      release.rollout === null
        ? null
        : (JSON.parse(JSON.stringify(release.rollout)) as ReleaseView['rollout']),
  };
}

/** @returns the documents of a release, in the playbook's order */
export const documentsOf = (
  { playbook }: Pick<Shown, 'playbook'>,
  release: Release,
): readonly DocumentView[] =>
  playbook.documents.flatMap(({ id, title, section, requirement }) => {
    const digest = release.declared.documents.includes(id) ? release.digests[`document:${id}`] : undefined;
    const file = release.files.find((one) => one.digest === digest);
    return file === undefined
      ? []
      : [{ release: release.release, kind: id, title, section, requirement, file }];
  });

function tasksOf({ playbook, overview, names }: Shown, release: Release): ReleaseView['tasks'] {
  return playbook.tasks.map(({ id, title, phase }) => {
    const known = release.tasks[id];
    return {
      task: id,
      title,
      phase,
      state: known?.state ?? 'missing',
      evidence: [...(known?.evidence ?? [])],
      by: known === undefined ? null : names(known.by),
      at: overview.times[moment.task(release.release, id)] ?? null,
    };
  });
}

/** What was assessed; before that, what would be now that a verdict is there. */
function riskView({ overview, playbook, asOf }: Shown, release: Release): ReleaseView['risk'] {
  const facts = release.validation?.facts ?? null;
  if (release.risk === null && facts === null) return null;
  const { level, reasons, computed } = release.risk ?? riskOf(overview.state, release, playbook);
  return { level, reasons: [...reasons], rollout: rolloutTypeOf(release, computed, asOf).type };
}

/** @returns the gates of every release, at the moment of asking */
export function gatesView({ overview, playbook, asOf }: Shown): GatesView {
  const { state, version } = overview;
  return {
    integrationId: state.integrationId,
    status: state.status,
    version,
    asOf,
    releases: newestFirst(state).map((release) => ({
      release: release.release,
      step: release.step,
      status: release.status,
      steps: gatesOf(state, release.release, { playbook, asOf }).map(({ step, id, title, missing }) => ({
        step,
        id,
        title,
        state: stepState(release, step),
        open: missing.length === 0,
        missing: [...missing],
      })),
    })),
  };
}

function stepState({ step: current, status }: Release, step: number): 'passed' | 'current' | 'ahead' {
  if (status === 'live' || status === 'superseded' || status === 'deprecated' || step < current)
    return 'passed';
  return step === current ? 'current' : 'ahead';
}
