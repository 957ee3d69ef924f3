import type { intakeHttp } from '@kwanus/contracts';
import {
  addDuration,
  quorumOf,
  type RecordedVote,
  type Release,
  standingOf,
  votesInForce,
} from '@kwanus/domain-integration';
import type { DecisionRule, Playbook } from '@kwanus/domain-playbook';
import type { z } from 'zod';
import { moment } from '../overview/overview.js';
import type { Shown } from './shown.js';

export type DecisionView = z.infer<typeof intakeHttp.DecisionView>;
/** A decision as far as no name and no moment of asking is needed. */
export type DecisionState = Omit<DecisionView, 'votes' | 'overdue'> & {
  readonly openedAt: string | null;
  readonly votes: readonly (RecordedVote & { readonly inForce: boolean })[];
};
type Known = Pick<Shown, 'overview' | 'playbook'>;

const FIRST_STEP = { approval: 1, checkpoint: 4, 'sign-off': 7 } as const;

/** @returns the step that asks for the decision */
export const askedIn = ({ steps }: Playbook, { id, kind }: DecisionRule): number =>
  steps.find(({ requires }) => requires.includes(id))?.number ?? FIRST_STEP[kind];

/** @returns every decision of the playbook on a release, and the rollout step that is waited for */
export function decisionsOf(known: Known, release: Release): readonly DecisionState[] {
  return [
    ...known.playbook.decisions.map((rule) => ruleState(known, release, rule)),
    ...awaitedSteps(known, release),
  ];
}

function ruleState({ overview, playbook }: Known, release: Release, rule: DecisionRule): DecisionState {
  const { state, times } = overview;
  const holding = votesInForce(state, release, rule);
  const standing = standingOf(state, release, rule, quorumOf(playbook, rule));
  const step = askedIn(playbook, rule);
  const openedAt = times[moment.entered(release.release, step)] ?? null;
  const own = state.votes.filter((vote) => vote.decision === rule.id && vote.release === release.release);
  return {
    release: release.release,
    requirement: rule.id,
    kind: rule.kind,
    name: rule.name,
    title: rule.title,
    body: rule.body,
    state: standing === 'open' && release.step < step ? 'not-yet' : standing,
    quorum: quorumOf(playbook, rule),
    covers: [...rule.covers],
    openedAt,
    dueAt: openedAt === null ? null : addDuration(openedAt, rule.dueWithin),
    votes: [...new Set([...own, ...holding])].map((vote) => ({ ...vote, inForce: holding.includes(vote) })),
  };
}

function awaitedSteps({ overview }: Known, { release, rollout }: Release): readonly DecisionState[] {
  if (rollout?.state !== 'awaiting') return [];
  const step = rollout.step ?? '';
  return rollout.awaiting.map((body) => ({
    release,
    requirement: `rollout-step:${step}`,
    kind: 'step',
    name: step,
    title: `rollout step ${step}`,
    body,
    state: 'open',
    quorum: 1,
    covers: [],
    openedAt: overview.times[moment.awaited(release)] ?? null,
    dueAt: null,
    votes: [],
  }));
}

/** @returns what bodies have to decide now: open, asked for by the step that the release is in */
export const waitingDecisions = (known: Known, release: Release): readonly DecisionState[] =>
  release.status === 'in-progress'
    ? decisionsOf(known, release).filter(
        ({ state, kind, requirement }) =>
          state === 'open' &&
          (kind === 'step' ||
            known.playbook.steps.some(
              ({ number, requires }) => number === release.step && requires.includes(requirement),
            )),
      )
    : [];

/** @returns a decision with names, and whether it is overdue */
export function decisionView({ overview, asOf, names }: Shown, decision: DecisionState): DecisionView {
  const { openedAt: _, votes, ...rest } = decision;
  return {
    ...rest,
    overdue: rest.state === 'open' && rest.dueAt !== null && rest.dueAt < asOf,
    votes: votes.map(({ release, by, body, vote, reason, inForce, membershipVersion, decision: of }) => ({
      by: names(by),
      body,
      vote,
      reason,
      at: overview.times[moment.vote(release, of, by)] ?? '',
      inForce,
      membershipVersion,
    })),
  };
}
