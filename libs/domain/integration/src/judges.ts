import type { DecisionRule, Playbook, SignalRule } from '@kwanus/domain-playbook';
import type { Missing } from '@kwanus/kernel';
import { isUnseen } from './evidence.js';
import type { CheckVerdict } from './integration.events.js';
import type { Integration, OpenAlert, Release, Rollout, Validation } from './integration.state.js';
import { mayResume, RESUMPTION } from './ranks.js';
import { entry } from './records.js';
import { unseenBases } from './requests.js';
import { compareVersions } from './versions.js';
import { standingOf } from './votes.js';
import { isWaived } from './waivers.js';

/** What is asked of a release: one requirement of a step, `kind:name`. */
export interface Question {
  readonly state: Integration;
  readonly release: Release;
  readonly playbook: Playbook;
  readonly asOf: string;
  readonly requirement: string;
  readonly name: string;
}
type Judge = (question: Question) => readonly Missing[];

const NOTHING: readonly Missing[] = [];
const lacks = (
  { requirement }: Pick<Question, 'requirement'>,
  what: string,
  who: string,
): readonly Missing[] => [{ what, who, requirement }];

/** @returns how many different people of the owning body must approve */
export const quorumOf = (playbook: Playbook, rule: DecisionRule): number =>
  playbook.bodies.find(({ id }) => id === rule.body)?.quorum ?? 1;

const decision: Judge = (question) => {
  const { state, release, playbook, requirement } = question;
  const rule = playbook.decisions.find(({ id }) => id === requirement);
  if (rule === undefined)
    return lacks(question, `a rule for ${requirement} in playbook ${playbook.version}`, 'platform');
  const standing = standingOf(state, release, rule, quorumOf(playbook, rule));
  if (standing === 'approved') return NOTHING;
  const verb = standing === 'rejected' ? 'rejected, must be answered by an amendment or a new vote: ' : '';
  return lacks(question, `${verb}${rule.title}`, rule.body);
};

const documents: Judge = ({ release, playbook, name }) =>
  playbook.documents
    .filter(
      ({ section, required, id }) => section === name && required && !release.declared.documents.includes(id),
    )
    .map(({ id, title }) => ({ what: `document: ${title}`, who: 'partner', requirement: `document:${id}` }));

const task: Judge = (question) => {
  const { release, playbook, name } = question;
  const rule = playbook.tasks.find(({ id }) => id === name);
  const known = entry(release.tasks, name);
  const title = rule?.title ?? name;
  if (known === undefined) return lacks(question, `evidence for ${title}`, 'partner');
  if (known.state === 'refused')
    return lacks(
      question,
      `evidence for ${title}, refused: ${known.findings[0] ?? 'see the findings'}`,
      'partner',
    );
  return rule?.verified === true && (known.state !== 'verified' || isUnseen(release, rule, known))
    ? lacks(question, `check of the evidence for ${title}`, 'validation')
    : NOTHING;
};

const validation: Judge = (question) => {
  const { state, release, name, asOf } = question;
  const everything = release.digests['everything'];
  if (name === 'governance')
    return release.governance !== null && release.governance === everything
      ? NOTHING
      : lacks(question, 'governance validation, as soon as everything else is there', 'platform');
  const run = release.validation;
  if (run === null || run.digest !== everything || run.outcome === 'cancelled')
    return lacks(question, `${name} validation of what is submitted now`, 'validation');
  const unseen = unseenBases(state, release, asOf);
  if (release.step === 4 && unseen.length > 0)
    return lacks(
      question,
      `${name} validation against ${unseen.join(', ')}, live since the last one`,
      'validation',
    );
  if (run.outcome === 'running')
    return lacks(question, `the verdict of the ${name} validation`, 'validation');
  return notPassed(question, run, ({ kind }) => kind === name);
};

/** A check of the playbook that a run says nothing of was not performed. */
function verdictsOf({ checks }: Validation, { checks: rules }: Playbook): readonly CheckVerdict[] {
  const silent = rules
    .filter(({ id }) => !checks.some(({ check }) => check === id))
    .map(({ id, kind }) => ({
      check: id,
      kind,
      outcome: 'not-performed' as const,
      summary: 'the run says nothing of it',
      blocking: [],
      warnings: 0,
    }));
  return [...checks, ...silent];
}

function notPassed(
  { release, playbook, asOf }: Omit<Question, 'name' | 'requirement'>,
  run: Validation,
  concerns: (verdict: CheckVerdict) => boolean,
): readonly Missing[] {
  return verdictsOf(run, playbook)
    .filter(
      (verdict) =>
        concerns(verdict) && verdict.outcome !== 'passed' && !isWaived(release, verdict, playbook, asOf),
    )
    .map((verdict) => ({
      what: describeCheck(verdict),
      who: verdict.outcome === 'failed' ? 'partner' : ownerOf(playbook, verdict.check),
      requirement: `check:${verdict.check}`,
    }));
}

const describeCheck = ({ check, outcome, summary, blocking }: CheckVerdict): string =>
  `${check} ${outcome}: ${blocking.length > 0 ? blocking.map(({ ruleId, message }) => `${ruleId} ${message}`).join('; ') : summary}`;
const ownerOf = ({ checks }: Playbook, check: string): string =>
  checks.find(({ id }) => id === check)?.waivableBy ?? 'partner';

/** @returns what a release that is being rolled out misses since a waiver has run out */
export const lapsed = (question: Omit<Question, 'name' | 'requirement'>): readonly Missing[] =>
  question.release.validation === null
    ? NOTHING
    : notPassed(question, question.release.validation, () => true);

const released: Judge = (question) => {
  const { release, state, name } = question;
  if (name === 'fallback' && release.declared.fallback.length === 0)
    return lacks(question, 'a declared fallback', 'partner');
  if (name === 'fallback') return rollbackTarget(question);
  if (name === 'migration-guide' && !release.declared.documents.includes('migrationGuide'))
    return lacks(question, 'a migration guide', 'partner');
  if (name === 'versioned' && state.live !== null && compareVersions(release.release, state.live) <= 0)
    return lacks(question, `a version higher than ${state.live}, which is live`, 'partner');
  return NOTHING;
};

/** A failing gate takes whoever has the release back to the one that serves; a manifest that names another one would not be followed. */
const rollbackTarget: Judge = (question) => {
  const { state, release } = question;
  const { rollbackTo } = release.declared;
  if (rollbackTo === null) return NOTHING;
  if (rollbackTo !== state.live)
    return lacks(
      question,
      `a rollback to ${state.live ?? 'nothing'}, which is what serves: the manifest names ${rollbackTo} under \`rollback.to\``,
      'partner',
    );
  return entry(state.releases, rollbackTo)?.compatible === true
    ? NOTHING
    : lacks(
        question,
        `a rollback to a version that the compatibility matrix says is compatible: it does not say so of ${rollbackTo}`,
        'validation',
      );
};

const rollout: Judge = (question) => {
  const { status, rollout: known } = question.release;
  if (known === null) return lacks(question, 'the rollout', 'rollout');
  return status === 'rolled-back' ? ended(question, known) : underWay(question, known);
};

function ended(question: Question, { state, note }: Rollout): readonly Missing[] {
  const end = state === 'rolled-back' ? 'was rolled back' : `was ${state}`;
  return lacks(question, `a new rollout: the last one ${end} (${note})`, 'partner');
}

function underWay(question: Question, known: Rollout): readonly Missing[] {
  const { state, step, note, awaiting, asked, percent } = known;
  const at = step ?? 'its beginning';
  switch (state) {
    case 'baking':
    case 'completed':
      return NOTHING;
    case 'awaiting':
      // The last body has spoken, and the rollout has not answered yet.
      return awaiting.length === 0
        ? lacks(question, `the beginning of rollout step ${at}`, 'rollout')
        : awaiting.flatMap((body) => awaited(question, at, body));
    case 'held':
      return (asked.length === 0 ? ['monitoring'] : asked).flatMap((who) =>
        lacks(question, `the end of the hold at ${at}: ${note}`, who),
      );
    case 'paused':
      return [
        {
          what: `the resumption of the rollout, which is paused at ${at}: ${note}`,
          who: mayResume(known),
          requirement: RESUMPTION,
        },
      ];
    default:
      return lacks(question, `the rollout at 100 % (now ${percent} %, ${at}) ${note}`.trimEnd(), 'rollout');
  }
}

function awaited({ release }: Question, step: string, body: string): readonly Missing[] {
  const against = release.rollout?.stepVotes.some(
    (one) => one.step === step && one.body === body && one.vote === 'reject',
  );
  const what = `${against === true ? 'rejected, must be answered by a new vote: ' : ''}approval of rollout step ${step}`;
  return [{ what, who: body, requirement: `rollout-step:${step}` }];
}

const monitoring: Judge = (question) => {
  const { release, name } = question;
  if (name === 'no-open-alert')
    return release.openAlerts.flatMap((alert) =>
      lacks(question, describeAlert(alert), BY_HAND.has(alert.signal) ? 'operator' : 'partner'),
    );
  return release.rollout?.state === 'completed' ? NOTHING : lacks(question, 'the end of the bake', 'rollout');
};

const describeAlert = ({ alertId, severity, signal, reason }: OpenAlert): string =>
  `open ${severity} alert ${alertId}, ${signal}: ${reason}`;
/** Alerts about these stay until a person resolves them; the others end when what they are about has ended. */
const BY_HAND: ReadonlySet<string> = new Set<SignalRule['id']>(['permission-usage']);

const JUDGES: Readonly<Record<string, Judge>> = {
  documents,
  approval: decision,
  checkpoint: decision,
  'sign-off': decision,
  preparation: task,
  implementation: task,
  validation,
  release: released,
  rollout,
  monitoring,
  matrix: (question) =>
    question.release.matrixUpdated
      ? NOTHING
      : lacks(question, 'update of the compatibility matrix', 'validation'),
  lifecycle: (question) =>
    question.release.lifecycleUpdated ? NOTHING : lacks(question, 'update of the lifecycle', 'partner'),
};

/** @returns what a requirement still misses; a requirement that nobody can judge is missing, not met */
export function judge(question: Omit<Question, 'name'>): readonly Missing[] {
  const [kind = '', name = ''] = question.requirement.split(':');
  const answer = entry(JUDGES, kind);
  return answer === undefined
    ? lacks(question, `a judge for ${question.requirement}`, 'platform')
    : answer({ ...question, name });
}
