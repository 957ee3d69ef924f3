import type { StewardshipTaskRule } from '@kwanus/domain-playbook';
import { DomainRejection } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import { addDuration, isAfter } from './dates.js';
import type { RecordStewardship } from './integration.commands.js';
import type { IntegrationEvent } from './integration.events.js';
import type { Integration, Steward } from './integration.state.js';
import { POLICY } from './policy.js';
import { liveRelease, withConsequences } from './progress.js';
import { hasProposed } from './proposers.js';
import { entry } from './records.js';
import { assertNotRetired } from './refusals.js';
import { validationOf } from './requests.js';
import { sits } from './votes.js';

/** An annual task was done, or failed: by a member of the body that owns it. */
export function recordStewardship(
  command: RecordStewardship,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const { given, task, done } = command;
  assertNotRetired(state);
  const { rule, known } = taskOf(command, state, context);
  assertMaySteward(command, rule, state, context);
  const { integrationId, live } = state;
  if (live === null) throw nothingServes();
  const nextDueAt = done.outcome === 'done' ? nextDue(known, rule, context.asOf) : null;
  const news: IntegrationEvent[] = [
    {
      type: 'StewardshipRecorded',
      data: { integrationId, release: live, task, ...done, by: given.by, nextDueAt },
    },
    ...(done.outcome === 'failed' ? suspendedBy(state, rule, `failed: ${done.reason}`) : []),
    ...(done.outcome === 'done' ? runFor(command, rule, state, context.asOf) : []),
  ];
  return withConsequences(state, news, live, { ...context, requestId: null });
}

const nothingServes = (): DomainRejection =>
  new DomainRejection('nothing-live', 'No release serves, so there is nothing to look after.', [
    { what: 'the sign-off of a release', who: 'partner', requirement: 'release:signed-off' },
  ]);

function taskOf(
  { task }: RecordStewardship,
  state: Integration,
  { playbook }: IntegrationContext,
): { readonly rule: StewardshipTaskRule; readonly known: Steward } {
  const rule = playbook.stewardship.find(({ id }) => id === task);
  const known = entry(state.stewardship, task);
  if (rule === undefined || known === undefined)
    throw new DomainRejection(
      'unknown-task',
      `${task} is no scheduled task. They are: ${Object.keys(state.stewardship).join(', ') || 'none before the first sign-off'}.`,
      state.live === null
        ? [{ what: 'the sign-off of a release', who: 'partner', requirement: 'release:signed-off' }]
        : [],
    );
  return { rule, known };
}

function assertMaySteward(
  { given }: RecordStewardship,
  { body, title }: StewardshipTaskRule,
  state: Integration,
  { membership }: IntegrationContext,
): void {
  const needed = [{ what: title, who: body, requirement: `seat:${body}` }];
  if (given.partner !== null || !sits(membership, body, given.by))
    throw new DomainRejection('no-seat', `${title} belongs to ${body}; you hold no seat there.`, needed);
  const live = liveRelease(state);
  if (live !== undefined && hasProposed(live, given.by))
    throw new DomainRejection('own-proposal', 'Who proposed the live release does not review it.', needed);
}

/** Done in its time, the next one is a year after the date; done early or twice, never later than a year from now. */
function nextDue({ dueAt }: Steward, { every, remindBefore }: StewardshipTaskRule, asOf: string): string {
  const inTime = !isAfter(addDuration(dueAt, remindBefore, -1), asOf);
  const fromNow = addDuration(asOf, every);
  if (!inTime) return isAfter(dueAt, fromNow) ? dueAt : fromNow;
  return isAfter(dueAt, asOf) ? addDuration(dueAt, every) : fromNow;
}

/** A task whose rule names checks has the live release looked at again, against the platform as it is now. */
function runFor(
  { given, task }: RecordStewardship,
  rule: StewardshipTaskRule,
  state: Integration,
  asOf: string,
): readonly IntegrationEvent[] {
  const shown = liveRelease(state);
  const { checks } = rule;
  if (checks === undefined || shown === undefined) return [];
  const { data } = validationOf(state, shown, { requestId: given.requestId, asOf });
  return [{ type: 'ValidationRequested', data: { ...data, purpose: 'stewardship', task, checks } }];
}

const suspendedBy = (
  { integrationId, status }: Integration,
  { title, suspendAfter }: StewardshipTaskRule,
  why: string,
): readonly IntegrationEvent[] =>
  suspendAfter === null || status === 'suspended' || status === 'retired'
    ? []
    : [{ type: 'IntegrationSuspended', data: { integrationId, reason: `${title} ${why}`, by: POLICY } }];

/** @returns what follows when the run of an annual task fails: the task is due again, and by policy the integration is suspended */
export function stewardFailed(
  fact: IntegrationEvent,
  state: Integration,
  { playbook, asOf }: IntegrationContext,
): readonly IntegrationEvent[] {
  if (fact.type !== 'ValidationFailed') return [];
  const { integrationId, requestId, release, checks } = fact.data;
  return playbook.stewardship.flatMap((rule): readonly IntegrationEvent[] => {
    if (entry(state.stewardship, rule.id)?.requestId !== requestId) return [];
    const failed = checks.filter(({ outcome }) => outcome === 'failed').map(({ check }) => check);
    const reason = `the run found ${failed.join(', ') || 'failures'}`;
    const recorded = {
      task: rule.id,
      outcome: 'failed',
      reason,
      by: POLICY,
      evidence: [],
      nextDueAt: asOf,
    } as const;
    return [
      { type: 'StewardshipRecorded', data: { integrationId, release, ...recorded } },
      ...suspendedBy(state, rule, `failed: ${reason}`),
    ];
  });
}
