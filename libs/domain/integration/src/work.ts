import type { StepNumber, TaskRule } from '@kwanus/domain-playbook';
import { DomainRejection } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import { checkOf } from './evidence.js';
import type {
  ChooseStricterRollout,
  RecordEvidence,
  RequestValidation,
  UpdateLifecycle,
} from './integration.commands.js';
import type { FileReference, IntegrationEvent } from './integration.events.js';
import type { Integration } from './integration.state.js';
import { withConsequences } from './progress.js';
import { entry } from './records.js';
import { answeringFor, assertKeeper, assertPartner, assertSponsored, releaseIn } from './refusals.js';
import { givenUpEvidence, validationOf } from './requests.js';
import { isLaxer } from './risk.js';

/** Evidence for a task of step 2 or 3; that of step 2 is checked before it counts. */
export function recordEvidence(
  command: RecordEvidence,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const { given, phase, task, proof } = command;
  const rule = taskOf(context, phase, task);
  const release = releaseIn(
    state,
    given.release,
    stepsFor(rule, state, given.release),
    `Evidence for ${rule.title}`,
  );
  assertPartner(state, given);
  assertSponsored(given);
  assertFiles(proof.evidence, rule.title);
  const known = entry(release.tasks, task);
  if (known !== undefined && known.state !== 'refused' && sameFiles(known.evidence, proof.evidence))
    return [];
  const of = { integrationId: state.integrationId, release: given.release };
  const recorded: IntegrationEvent = {
    type: 'EvidenceRecorded',
    data: { ...of, phase, task, evidence: proof.evidence, ...answeringFor(given), note: proof.note },
  };
  const { requestId } = given;
  const asked = { task, evidence: proof.evidence };
  const news = rule.verified
    ? [
        ...givenUpEvidence(state, release, task, 'other evidence was handed in'),
        recorded,
        checkOf(state, release, asked, { requestId, asOf: context.asOf }),
      ]
    : [recorded];
  return withConsequences(state, news, given.release, { ...context, requestId: given.requestId });
}

function taskOf({ playbook }: IntegrationContext, phase: RecordEvidence['phase'], task: string): TaskRule {
  const rules = playbook.tasks.filter((one) => one.phase === phase);
  const rule = rules.find(({ id }) => id === task);
  if (rule !== undefined) return rule;
  throw new DomainRejection(
    'unknown-task',
    `${task} is no task of ${phase}. They are: ${rules.map(({ id }) => id).join(', ')}.`,
  );
}

function assertFiles(evidence: readonly FileReference[], title: string): void {
  if (evidence.length === 0)
    throw new DomainRejection('evidence-missing', `${title} is shown by files, not claimed.`, [
      { what: `evidence for ${title}`, who: 'partner', requirement: 'evidence' },
    ]);
}

/** Evidence that does not hold any more after an amendment is handed in anew until step 4 is passed, as an approval is given anew. */
function stepsFor(
  { id, phase }: TaskRule,
  { releases }: Integration,
  version: string,
): readonly StepNumber[] {
  if (phase === 'implementation') return [1, 2, 3];
  const known = entry(entry(releases, version)?.tasks ?? {}, id);
  return known === undefined || known.state === 'verified' ? [1, 2] : [1, 2, 3, 4];
}

const sameFiles = (left: readonly FileReference[], right: readonly FileReference[]): boolean =>
  left.map(({ path, digest }) => `${digest} ${path}`).join('\n') ===
  right.map(({ path, digest }) => `${digest} ${path}`).join('\n');

/** Another run of step 4's validations; while one is under way for the very digests it is the answer. */
export function requestValidation(
  { given }: RequestValidation,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const release = releaseIn(state, given.release, [4], 'Another run of the validations');
  const { validation, digests } = release;
  if (validation?.outcome === 'running' && validation.digest === digests['everything']) return [];
  return [validationOf(state, release, { requestId: given.requestId, asOf: context.asOf })];
}

/** The update of the lifecycle that step 7 asks for, with what shows it. */
export function updateLifecycle(
  { given, evidence, reason }: UpdateLifecycle,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  releaseIn(state, given.release, [7], 'The update of the lifecycle');
  assertPartner(state, given);
  assertSponsored(given);
  assertFiles(evidence, 'The update of the lifecycle');
  const { release, requestId } = given;
  const { integrationId } = state;
  const updated: IntegrationEvent = {
    type: 'LifecycleUpdated',
    data: { integrationId, release, evidence, reason, ...answeringFor(given) },
  };
  return withConsequences(state, [updated], release, { ...context, requestId });
}

/** A person may make a rollout stricter than computed, until it is requested. */
export function chooseStricter(
  { given, rollout, reason }: ChooseStricterRollout,
  state: Integration,
  { playbook }: IntegrationContext,
): readonly IntegrationEvent[] {
  const release = releaseIn(state, given.release, [1, 2, 3, 4], 'The choice of a stricter rollout');
  assertKeeper(state, given);
  const { stricter } = release;
  if (stricter === rollout) return [];
  const who = playbook.waivers.laxerRolloutBy;
  if (stricter !== null && isLaxer(rollout, stricter))
    throw new DomainRejection(
      'laxer-needs-waiver',
      `${rollout} is laxer than ${stricter}, which was chosen. A choice only makes stricter; a laxer rollout needs a waiver by ${who}.`,
      [{ what: `a waiver for a ${rollout} rollout`, who, requirement: 'waiver:rollout-type' }],
    );
  const { integrationId } = state;
  const { release: version, by } = given;
  return [
    {
      type: 'StricterRolloutChosen',
      data: { integrationId, release: version, type: rollout, by, reason },
    },
  ];
}
