import { type DecisionRule, type Playbook, STEP_NUMBERS, type StepNumber } from '@kwanus/domain-playbook';
import { DomainRejection, type Missing } from '@kwanus/kernel';
import type { CheckVerdict } from './integration.events.js';
import type { Integration, Release } from './integration.state.js';
import { standingOf } from './votes.js';

/** A step as a gate. */
export type Gate = {
  readonly step: StepNumber;
  readonly id: string;
  readonly title: string;
  readonly state: 'passed' | 'blocked';
  readonly missing: readonly Missing[];
};

interface Question {
  readonly state: Integration;
  readonly release: Release;
  readonly playbook: Playbook;
  readonly asOf: string;
  readonly requirement: string;
  readonly name: string;
}
type Judge = (question: Question) => readonly Missing[];
const lacks = ({ requirement }: Question, what: string, who: string): readonly Missing[] => [
  { what, who, requirement },
];
const NOTHING: readonly Missing[] = [];

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

const documents: Judge = (question) => {
  const { release, playbook, name } = question;
  return playbook.documents
    .filter(
      ({ section, required, id }) => section === name && required && !release.declared.documents.includes(id),
    )
    .map(({ id, title }) => ({ what: `document: ${title}`, who: 'partner', requirement: `document:${id}` }));
};

const task: Judge = (question) => {
  const { release, playbook, name } = question;
  const rule = playbook.tasks.find(({ id }) => id === name);
  const known = release.tasks[name];
  const title = rule?.title ?? name;
  if (known === undefined) return lacks(question, `evidence for ${title}`, 'partner');
  if (known.state === 'refused')
    return lacks(
      question,
      `evidence for ${title}, refused: ${known.findings[0] ?? 'see the findings'}`,
      'partner',
    );
  if (rule?.verified === true && known.state !== 'verified')
    return lacks(question, `check of the evidence for ${title}`, 'validation');
  return NOTHING;
};

/** @returns true when a waiver in force accepts the check, or every blocking finding of it */
export function isWaived(release: Release, verdict: CheckVerdict, playbook: Playbook, asOf: string): boolean {
  if (
    neverWaived(playbook, verdict.check) ||
    verdict.blocking.some(({ ruleId }) => neverWaived(playbook, ruleId))
  )
    return false;
  const inForce = release.waivers.filter(({ expired, expiresAt }) => !expired && expiresAt > asOf);
  if (inForce.some(({ target }) => target.kind === 'check' && target.check === verdict.check)) return true;
  return (
    verdict.blocking.length > 0 &&
    verdict.blocking.every(({ fingerprint }) =>
      inForce.some(({ target }) => target.kind === 'finding' && target.fingerprint === fingerprint),
    )
  );
}

/** @returns true when the playbook forbids every waiver of the check or rule */
export const neverWaived = ({ waivers, checks }: Playbook, id: string): boolean =>
  waivers.never.some((pattern) =>
    pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern,
  ) || checks.some((check) => check.id === id && check.waivableBy === null);

const validation: Judge = (question) => {
  const { release, playbook, asOf, name } = question;
  if (name === 'governance')
    return release.governance === release.digests['everything']
      ? NOTHING
      : lacks(question, 'governance validation', 'platform');
  const run = release.validation;
  if (run === null || run.digest !== release.digests['everything'])
    return lacks(question, `${name} validation of what is submitted now`, 'validation');
  if (run.outcome === 'running')
    return lacks(question, `the verdict of the ${name} validation`, 'validation');
  return run.checks
    .filter(
      (verdict) =>
        verdict.kind === name && verdict.outcome !== 'passed' && !isWaived(release, verdict, playbook, asOf),
    )
    .map((verdict) => ({
      what: describeCheck(verdict),
      who: verdict.outcome === 'failed' ? 'partner' : ownerOf(playbook, verdict.check),
      requirement: `check:${verdict.check}`,
    }));
};

const describeCheck = ({ check, outcome, summary, blocking }: CheckVerdict): string =>
  `${check} ${outcome}: ${blocking.length > 0 ? blocking.map(({ ruleId, message }) => `${ruleId} ${message}`).join('; ') : summary}`;
const ownerOf = ({ checks }: Playbook, check: string): string =>
  checks.find(({ id }) => id === check)?.waivableBy ?? 'partner';

const released: Judge = (question) => {
  const { release, name } = question;
  if (name === 'fallback')
    return release.declared.fallback.length > 0 ? NOTHING : lacks(question, 'a declared fallback', 'partner');
  if (name === 'migration-guide')
    return release.declared.documents.includes('migrationGuide')
      ? NOTHING
      : lacks(question, 'a migration guide', 'partner');
  return NOTHING;
};

const rollout: Judge = (question) => {
  const { release } = question;
  const { rollout: known } = release;
  if (release.status === 'rolled-back')
    return lacks(question, `a new rollout: the last one was rolled back (${known?.note ?? ''})`, 'partner');
  if (known?.state === 'baking' || known?.state === 'completed') return NOTHING;
  if (known?.state === 'awaiting')
    return known.awaiting.map((body) => ({
      what: `approval of rollout step ${known.step ?? ''}`,
      who: body,
      requirement: `rollout-step:${known.step ?? ''}`,
    }));
  if (known?.state === 'held')
    return lacks(question, `the rollout is held at ${known.step ?? ''}: ${known.note}`, 'monitoring');
  if (known?.state === 'paused')
    return lacks(question, `the rollout is paused at ${known.step ?? ''}: ${known.note}`, 'partner');
  return lacks(
    question,
    known === null
      ? 'the rollout'
      : `the rollout at 100 % (now ${known.percent} %${known.step === null ? '' : `, step ${known.step}`})`,
    'rollout',
  );
};

const monitoring: Judge = (question) => {
  const { release, name } = question;
  if (name === 'no-open-alert')
    return release.openAlerts.map((alert) => ({
      what: `open alert ${alert}`,
      who: 'partner',
      requirement: question.requirement,
    }));
  return release.rollout?.state === 'completed' ? NOTHING : lacks(question, 'the end of the bake', 'rollout');
};

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

export const quorumOf = (playbook: Playbook, rule: DecisionRule): number =>
  playbook.bodies.find(({ id }) => id === rule.body)?.quorum ?? 1;

/** @returns what a step still asks for, at a moment: waivers and votes expire, so the answer may change without an event */
export function gate(
  state: Integration,
  version: string,
  step: StepNumber,
  { playbook, asOf }: { readonly playbook: Playbook; readonly asOf: string },
): Gate {
  const release = releaseOf(state, version);
  const rule = playbook.steps.find(({ number }) => number === step);
  const missing = (rule?.requires ?? []).flatMap((requirement) => {
    const [kind = '', name = ''] = requirement.split(':');
    const judge = JUDGES[kind];
    const question = { state, release, playbook, asOf, requirement, name };
    return judge === undefined ? lacks(question, `a judge for ${requirement}`, 'platform') : judge(question);
  });
  const passed = release.step > step || release.status === 'live' || missing.length === 0;
  return {
    step,
    id: rule?.id ?? String(step),
    title: rule?.title ?? '',
    state: passed ? 'passed' : 'blocked',
    missing,
  };
}

/** @returns the gates of all seven steps of a release */
export const gatesOf = (
  state: Integration,
  version: string,
  context: { readonly playbook: Playbook; readonly asOf: string },
): readonly Gate[] => STEP_NUMBERS.map((step) => gate(state, version, step, context));

/** @returns the release. @throws DomainRejection `unknown-release` */
export function releaseOf(state: Integration, version: string): Release {
  const release = state.releases[version];
  if (release === undefined)
    throw new DomainRejection(
      'unknown-release',
      `${state.integrationId || 'The integration'} has no release ${version}. Known are: ${Object.keys(state.releases).join(', ') || 'none'}.`,
    );
  return release;
}
