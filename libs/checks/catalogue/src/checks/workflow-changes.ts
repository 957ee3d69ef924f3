import { own, ownText, pointerOf } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import semver from 'semver';
import { versionFix } from '../fixes/fixes.js';
import { declaredIn } from '../manifest/declared.js';
import type { CheckRun } from '../run/check-run.js';
import { nextVersion, stepBetween, suffices } from '../run/version-step.js';
import { calledOperations } from '../workflow/called-operations.js';
import type { SubmittedWorkflow } from '../workflow/definitions.js';
import { secondsOf } from '../workflow/duration.js';
import type { Task } from '../workflow/workflow.js';
import type { Comparison } from './workflow-compatibility.check.js';

type Handler = NonNullable<SubmittedWorkflow['declared']['handlers']>[number];

const handlersOf = (
  workflows: readonly SubmittedWorkflow[],
): readonly (Handler & { readonly workflow: string; readonly pointer: string })[] =>
  workflows.flatMap(({ declared, index }) =>
    (declared.handlers ?? []).map((handler, place) => ({
      ...handler,
      workflow: declared.id,
      pointer: pointerOf('workflows', index, 'handlers', place),
    })),
  );

/**
 * WC106: a permission that no workflow of the newest live version uses. It makes the rollout a controlled one; as long as the registry
 * does not hold it as active, nobody has approved it.
 */
export async function comparePermissions({ run, before, after, say }: Comparison): Promise<void> {
  const had = new Set(handlersOf(before).map(({ permission }) => permission));
  const active = new Set(
    run.context.registry.permissions.filter(({ status }) => status === 'active').map(({ id }) => id),
  );
  const added = new Map(
    handlersOf(after)
      .filter(({ permission }) => permission !== undefined && !had.has(permission))
      .map((handler) => [handler.permission ?? '', handler]),
  );
  for (const [permission, { workflow, pointer }] of added) {
    const approved = active.has(permission);
    await say({
      rule: 'WC106',
      pointer,
      subject: `${workflow} ${permission}`,
      text: `${workflow} uses ${permission}, which no workflow used${approved ? '' : ', and which nobody has approved'}`,
      why: 'What a workflow may do from now on reaches users by degrees, under control.',
      remedy: approved
        ? 'Nothing, if it is meant: the rollout will be a controlled one.'
        : `Let SCO approve ${permission} in the permission registry, or do without it.`,
      warns: approved,
    });
  }
  run.facts['newPermissions'] = [...added.keys()];
}

/** WC109: a call is given up sooner than before, and sooner than its callee promises to answer 99 of 100 times. */
export async function compareTimeouts(
  { run, say }: Comparison,
  was: SubmittedWorkflow,
  is: SubmittedWorkflow,
): Promise<void> {
  const operationOf = await calledOperations(run.inspection);
  const before = new Map(callsOf(was).map((task) => [task.path, task]));
  const [timeoutBefore, timeoutNow] = [timeoutsIn(was), timeoutsIn(is)];
  for (const task of callsOf(is)) {
    const earlier = before.get(task.path);
    const now = timeoutNow(task);
    const promised = secondsOf(ownText(operationOf(is, task)?.value, P99));
    if (earlier === undefined || now >= timeoutBefore(earlier)) continue;
    if (now >= promised || promised === Number.POSITIVE_INFINITY) continue;
    await say({
      rule: 'WC109',
      pointer: pointerOf('workflows', is.index),
      subject: `${is.declared.id} ${task.path}`,
      text: `${is.declared.id}: ${task.path} is given up after ${now} s, its callee promises an answer within ${promised} s`,
      why: 'A call that would have been answered is given up, and done again or parked.',
      remedy: `Wait for ${promised} s or longer, or agree on a shorter ${P99}.`,
      warns: true,
    });
  }
}

const callsOf = ({ definition }: SubmittedWorkflow): readonly Task[] =>
  (definition?.tasks ?? []).filter(({ kind }) => kind === 'call');

/** Of an operation in a contract: the time within which it answers 99 of 100 times, as a duration (PT0.8S). */
const P99 = 'x-latency-p99';

/** @returns how to find the shortest time, in seconds, that a task or what it stands in is given */
function timeoutsIn({ document, definition }: SubmittedWorkflow): (task: Task) => number {
  const named = new Map(
    (definition?.tasks ?? []).map(({ pointer, value }) => [pointer, secondsGiven(own(value, 'timeout'))]),
  );
  const whole = document?.ok === true ? secondsGiven(own(document.value, 'timeout')) : undefined;
  return ({ pointer }) => {
    const around = [...pointer.matchAll(/\//g)].map(({ index }) => pointer.slice(0, index));
    const times = [...around, pointer].map((place) => named.get(place) ?? Number.POSITIVE_INFINITY);
    return Math.min(whole ?? Number.POSITIVE_INFINITY, ...times);
  };
}

const UNITS = { days: 86_400, hours: 3_600, minutes: 60, seconds: 1, milliseconds: 0.001 } as const;

function secondsGiven(timeout: Json | undefined): number {
  const after = own(timeout, 'after');
  if (typeof after === 'string') return secondsOf(after);
  const parts = Object.entries(UNITS).map(([unit, seconds]) => {
    const count = own(after, unit);
    return typeof count === 'number' ? count * seconds : 0;
  });
  const sum = parts.reduce((one, other) => one + other, 0);
  return sum === 0 ? Number.POSITIVE_INFINITY : sum;
}

/** Others were promised what these say is gone. */
const BREAKING = new Set(['WC101', 'WC102', 'WC103', 'WC104', 'WC107']);

/** WC110: the version says less than what became of the workflows. Versions that are not newer are SV401. */
export async function compareVersion(
  { run, base, before, after, say }: Comparison,
  [release, rules]: readonly [string, ReadonlySet<string>],
): Promise<void> {
  const needed = [...rules].some((rule) => BREAKING.has(rule))
    ? 'major'
    : rules.has('WC106') || hasMore(run, base, [before, after])
      ? 'minor'
      : 'patch';
  const { version } = run.manifest.metadata;
  if (semver.valid(release) === null || !semver.gt(version, release)) return;
  const step = stepBetween(release, version);
  if (suffices(step, needed)) return;
  await say({
    rule: 'WC110',
    pointer: '/metadata/version',
    subject: `workflows ${release}`,
    text: `The workflows changed in a way that needs a ${needed} version; ${version} is a ${step} step`,
    why: 'Whoever depends on the integration reads from the version what an update can do to them.',
    remedy: `Raise metadata.version to ${nextVersion(release, needed)} or above.`,
    fix: versionFix(run, nextVersion(release, needed)),
  });
}

function hasMore(
  { declared }: CheckRun,
  base: Comparison['base'],
  [before, after]: readonly [readonly SubmittedWorkflow[], readonly SubmittedWorkflow[]],
): boolean {
  const had = new Set(before.map((workflow) => workflow.declared.id));
  const published = new Set(declaredIn(base).publishes.map(({ type }) => type));
  return (
    after.some((workflow) => !had.has(workflow.declared.id)) ||
    declared.publishes.some(({ type }) => !published.has(type))
  );
}
