import type { Playbook, TaskRule } from '@kwanus/domain-playbook';
import type { FileReference, IntegrationEvent } from './integration.events.js';
import type { Integration, Release, Task } from './integration.state.js';
import { entry } from './records.js';
import { givenUpEvidence, validationOf } from './requests.js';
import { changedKeys } from './votes.js';

/** @returns what the evidence was checked against and has another digest now */
export const changedUnder = (release: Release, { covers }: TaskRule, { against }: Task): readonly string[] =>
  against === null ? [] : changedKeys(against, release, covers);

/** @returns true when nobody has looked at the evidence as things stand: a run was given up, or what it was checked against changed */
export const isUnseen = (release: Release, rule: TaskRule, task: Task): boolean =>
  rule.verified && (task.requestId === null || changedUnder(release, rule, task).length > 0);

/** The validation service looks at the submission together with the evidence. */
export function checkOf(
  state: Integration,
  release: Release,
  { task, evidence }: { readonly task: string; readonly evidence: readonly FileReference[] },
  at: { readonly requestId: string; readonly asOf: string },
): IntegrationEvent {
  const submitted = release.files.filter(({ path }) => !path.startsWith('evidence/'));
  const handedIn = evidence.map((file) => ({ ...file, path: `evidence/${task}/${file.path}` }));
  const { data } = validationOf(state, release, at);
  const submission = { ...data.submission, files: [...submitted, ...handedIn] };
  return {
    type: 'ValidationRequested',
    data: { ...data, purpose: 'preparation', task, bases: [], submission },
  };
}

/**
 * Evidence holds while what it was checked against has the same digests, as votes do. The partner need not hand it in again for
 * that: it is looked at anew.
 * @returns the first request that is missing, with the one that it takes the place of
 */
export function evidenceAnew(
  state: Integration,
  version: string,
  { tasks: rules }: Playbook,
  at: { readonly requestId: string | null; readonly asOf: string },
): readonly IntegrationEvent[] {
  const release = entry(state.releases, version);
  const { requestId, asOf } = at;
  if (requestId === null || release === undefined) return [];
  if (release.step > 4 || release.status !== 'in-progress') return [];
  for (const rule of rules) {
    const task = entry(release.tasks, rule.id);
    if (task === undefined || !isUnseen(release, rule, task)) continue;
    const asked = { task: rule.id, evidence: task.evidence };
    return [
      ...givenUpEvidence(state, release, rule.id, 'what it looks at was amended'),
      checkOf(state, release, asked, { requestId, asOf }),
    ];
  }
  return [];
}
