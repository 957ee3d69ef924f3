import type { StewardshipTaskRule } from '@kwanus/domain-playbook';
import { DomainRejection } from '@kwanus/kernel';
import type { IntegrationContext } from './context.js';
import { addDuration } from './dates.js';
import type { PassTime, RecordStewardship } from './integration.commands.js';
import type { IntegrationEvent } from './integration.events.js';
import type { Integration, Steward } from './integration.state.js';
import { validationOf, withConsequences } from './progress.js';
import { sits } from './votes.js';

/** An annual task was done, or failed: by a member of the body that owns it. */
export function recordStewardship(
  { given, task, done }: RecordStewardship,
  state: Integration,
  { playbook, membership, asOf }: IntegrationContext,
): readonly IntegrationEvent[] {
  const rule = playbook.stewardship.find(({ id }) => id === task);
  const known = state.stewardship[task];
  if (rule === undefined || known === undefined)
    throw new DomainRejection(
      'unknown-task',
      `${task} is no scheduled task. They are: ${Object.keys(state.stewardship).join(', ') || 'none before the first sign-off'}.`,
    );
  if (!sits(membership, rule.body, given.by))
    throw new DomainRejection('no-seat', `${rule.title} belongs to ${rule.body}; you hold no seat there.`);
  const { integrationId, live } = state;
  const release = live ?? '';
  const nextDueAt =
    done.outcome === 'done' ? addDuration(known.dueAt > asOf ? known.dueAt : asOf, rule.every) : null;
  const news: IntegrationEvent[] = [
    { type: 'StewardshipRecorded', data: { integrationId, release, task, ...done, by: given.by, nextDueAt } },
  ];
  if (done.outcome === 'failed' && rule.suspendAfter !== null && state.status === 'active')
    news.push({
      type: 'IntegrationSuspended',
      data: { integrationId, reason: `${rule.title} failed: ${done.reason}`, by: 'system:intake' },
    });
  const shown = live === null ? undefined : state.releases[live];
  if (rule.requirement === 'PB-12.02' && done.outcome === 'done' && shown !== undefined) {
    const request = validationOf(state, shown, { requestId: given.requestId, asOf });
    if (request.type === 'ValidationRequested')
      news.push({ ...request, data: { ...request.data, purpose: 'stewardship' } });
  }
  return news;
}

/** Something that falls due for an integration. */
export interface DueMoment {
  /** Unique within the integration. */
  readonly key: string;
  readonly dueAt: string;
}

/** @returns everything that will fall due, and when; after each event of the stream this is what should be scheduled, and nothing else */
export function dueDates(
  state: Integration,
  { stewardship }: { readonly stewardship: readonly StewardshipTaskRule[] },
): readonly DueMoment[] {
  if (state.status === 'retired') return [];
  const waivers = Object.values(state.releases).flatMap(({ waivers: granted }) =>
    granted
      .filter(({ expired }) => !expired)
      .map(({ waiverId, expiresAt }) => ({ key: `waiver:${waiverId}`, dueAt: expiresAt })),
  );
  const tasks = stewardship.flatMap((rule) => {
    const known = state.stewardship[rule.id];
    const next = known === undefined ? null : nextOf(known, rule, state.status);
    return next === null ? [] : [{ key: `stewardship:${rule.id}`, dueAt: next }];
  });
  return [...waivers, ...tasks];
}

function nextOf(
  { state, dueAt }: Steward,
  rule: StewardshipTaskRule,
  status: Integration['status'],
): string | null {
  if (state === 'scheduled') return addDuration(dueAt, rule.remindBefore, -1);
  if (state === 'reminded') return dueAt;
  if (state === 'overdue') return addDuration(dueAt, rule.escalateAfter);
  return rule.suspendAfter === null || status === 'suspended' ? null : addDuration(dueAt, rule.suspendAfter);
}

/** What the passing of time means: waivers run out, tasks are reminded, overdue, escalated, and suspend by policy. */
export function passTime(
  { requestId }: PassTime,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  const { integrationId } = state;
  const { playbook, asOf } = context;
  const news: IntegrationEvent[] = Object.values(state.releases).flatMap(({ release, waivers }) =>
    waivers
      .filter(({ expired, expiresAt }) => !expired && expiresAt <= asOf)
      .map(
        ({ waiverId }): IntegrationEvent => ({
          type: 'WaiverExpired',
          data: { integrationId, release, waiverId },
        }),
      ),
  );
  for (const rule of playbook.stewardship) {
    const known = state.stewardship[rule.id];
    if (known !== undefined) news.push(...fallen(known, rule, state, asOf));
  }
  const underWay = Object.values(state.releases).find(({ status }) => status === 'in-progress');
  return underWay === undefined || news.length === 0
    ? news
    : withConsequences(state, news, underWay.release, { ...context, requestId });
}

const NEXT = {
  scheduled: 'StewardshipReminded',
  reminded: 'StewardshipOverdue',
  overdue: 'StewardshipEscalated',
} as const;

function fallen(
  known: Steward,
  rule: StewardshipTaskRule,
  state: Integration,
  asOf: string,
): IntegrationEvent[] {
  const { integrationId } = state;
  const next = nextOf(known, rule, state.status);
  if (next === null || next > asOf || state.status === 'retired') return [];
  const data = { integrationId, task: rule.id, dueAt: known.dueAt };
  if (known.state !== 'escalated') return [{ type: NEXT[known.state], data }];
  return [
    {
      type: 'IntegrationSuspended',
      data: { integrationId, reason: `${rule.title} is overdue since ${known.dueAt}.`, by: 'system:intake' },
    },
  ];
}
