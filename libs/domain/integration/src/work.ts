import { DomainRejection } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import type {
  ChooseStricterRollout,
  RecordEvidence,
  RequestValidation,
  UpdateLifecycle,
} from './integration.commands.js';
import type { IntegrationEvent } from './integration.events.js';
import type { Integration } from './integration.state.js';
import { validationOf, withConsequences } from './progress.js';
import { assertPartner, releaseIn } from './refusals.js';

/** Evidence for a task of step 2 or 3; that of step 2 is checked before it counts. */
export function recordEvidence(
  command: RecordEvidence,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const { given, phase, task, proof } = command;
  const rule = context.playbook.tasks.find((one) => one.id === task && one.phase === phase);
  if (rule === undefined) {
    const known = context.playbook.tasks.filter((one) => one.phase === phase).map(({ id }) => id);
    throw new DomainRejection(
      'unknown-task',
      `${task} is no task of ${phase}. They are: ${known.join(', ')}.`,
    );
  }
  const release = releaseIn(
    state,
    given.release,
    phase === 'preparation' ? [1, 2] : [1, 2, 3],
    `Evidence for ${rule.title}`,
  );
  assertPartner(state, given);
  const known = release.tasks[task];
  if (known !== undefined && known.state !== 'refused' && sameFiles(known.evidence, proof.evidence))
    return [];
  const of = { integrationId: state.integrationId, release: given.release };
  const news: IntegrationEvent[] = [
    {
      type: 'EvidenceRecorded',
      data: { ...of, phase, task, evidence: proof.evidence, by: given.by, note: proof.note },
    },
  ];
  if (rule.verified)
    news.push({
      type: 'ValidationRequested',
      data: {
        ...of,
        requestId: given.requestId,
        purpose: 'preparation',
        task,
        bases: [],
        asOf: context.asOf,
        submission: {
          release: given.release,
          manifestPath: release.manifestPath,
          files: [
            ...release.files.filter(({ path }) => !path.startsWith('evidence/')),
            ...proof.evidence.map((file) => ({ ...file, path: `evidence/${task}/${file.path}` })),
          ],
        },
      },
    });
  return withConsequences(state, news, given.release, { ...context, requestId: given.requestId });
}

const sameFiles = (left: readonly { digest: string }[], right: readonly { digest: string }[]): boolean =>
  left.map(({ digest }) => digest).join() === right.map(({ digest }) => digest).join();

export function requestValidation(
  { given }: RequestValidation,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const release = releaseIn(state, given.release, [4], 'Another run of the validations');
  if (
    release.validation?.outcome === 'running' &&
    release.validation.digest === release.digests['everything']
  )
    return [];
  return [validationOf(state, release, { requestId: given.requestId, asOf: context.asOf })];
}

export function updateLifecycle(
  { given, evidence, reason }: UpdateLifecycle,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const release = releaseIn(state, given.release, [7], 'The update of the lifecycle');
  if (release.status !== 'in-progress')
    throw new DomainRejection('wrong-step', `Release ${given.release} is ${release.status}.`);
  assertPartner(state, given);
  const { by } = given;
  return withConsequences(
    state,
    [
      {
        type: 'LifecycleUpdated',
        data: { integrationId: state.integrationId, release: given.release, evidence, reason, by },
      },
    ],
    given.release,
    { ...context, requestId: given.requestId },
  );
}

const ORDER = ['full', 'staged', 'controlled'];

/** A person may make a rollout stricter than computed, until it is requested. */
export function chooseStricter(
  { given, rollout, reason }: ChooseStricterRollout,
  state: Integration,
): readonly IntegrationEvent[] {
  const release = releaseIn(state, given.release, [1, 2, 3, 4], 'The choice of a stricter rollout');
  if (release.stricter === rollout) return [];
  if (release.stricter !== null && ORDER.indexOf(rollout) < ORDER.indexOf(release.stricter))
    throw new DomainRejection(
      'laxer-needs-waiver',
      `${rollout} is laxer than ${release.stricter}. A laxer rollout needs a waiver.`,
    );
  return [
    {
      type: 'StricterRolloutChosen',
      data: {
        integrationId: state.integrationId,
        release: given.release,
        type: rollout,
        by: given.by,
        reason,
      },
    },
  ];
}
