import type { StewardshipTaskRule } from '@kwanus/domain-playbook';
import type { IntegrationContext } from './context.js';
import { addDuration, isAfter } from './dates.js';
import type { PassTime } from './integration.commands.js';
import type { IntegrationEvent } from './integration.events.js';
import type { Integration, Steward } from './integration.state.js';
import { POLICY } from './policy.js';
import { withConsequences } from './progress.js';
import { entry } from './records.js';

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
  const tasks = stewardshipOf(state, stewardship).flatMap((rule) => {
    const known = entry(state.stewardship, rule.id);
    const next = known === undefined ? null : nextOf(known, rule, state.status);
    return next === null ? [] : [{ key: `stewardship:${rule.id}`, dueAt: next }];
  });
  return [...waivers, ...tasks];
}

/** While nothing serves there is nothing to look after: the dates stand still, and hold again from the next sign-off on. */
const stewardshipOf = (
  { live }: Integration,
  rules: readonly StewardshipTaskRule[],
): readonly StewardshipTaskRule[] => (live === null ? [] : rules);

function nextOf(
  { state, dueAt, spared }: Steward,
  { remindBefore, escalateAfter, suspendAfter }: StewardshipTaskRule,
  status: Integration['status'],
): string | null {
  if (state === 'scheduled') return addDuration(dueAt, remindBefore, -1);
  if (state === 'reminded') return dueAt;
  if (state === 'overdue') return addDuration(dueAt, escalateAfter);
  return suspendAfter === null || status === 'suspended' || spared ? null : addDuration(dueAt, suspendAfter);
}

/** What the passing of time means: waivers run out, tasks are reminded, overdue, escalated, and suspend by policy. */
export function passTime(
  { requestId }: PassTime,
  state: Integration,
  context: IntegrationContext,
): readonly IntegrationEvent[] {
  if (state.status === 'retired') return [];
  const { playbook, asOf } = context;
  const news = [
    ...waiversRunOut(state, asOf),
    ...stewardshipOf(state, playbook.stewardship).flatMap((rule) => {
      const known = entry(state.stewardship, rule.id);
      return known === undefined ? [] : fallen(known, rule, state, asOf);
    }),
  ];
  const [first] = news;
  if (first === undefined) return [];
  const version = 'release' in first.data ? (first.data.release ?? '') : '';
  return withConsequences(state, onceSuspended(news), version, { ...context, requestId });
}

const waiversRunOut = ({ integrationId, releases }: Integration, asOf: string): readonly IntegrationEvent[] =>
  Object.values(releases).flatMap(({ release, waivers }) =>
    waivers
      .filter(({ expired, expiresAt }) => !expired && !isAfter(expiresAt, asOf))
      .map(
        ({ waiverId }) => ({ type: 'WaiverExpired', data: { integrationId, release, waiverId } }) as const,
      ),
  );

const NEXT = {
  scheduled: 'StewardshipReminded',
  reminded: 'StewardshipOverdue',
  overdue: 'StewardshipEscalated',
} as const;

function fallen(
  known: Steward,
  rule: StewardshipTaskRule,
  { integrationId, status }: Integration,
  asOf: string,
): readonly IntegrationEvent[] {
  const next = nextOf(known, rule, status);
  if (next === null || isAfter(next, asOf)) return [];
  const { state, dueAt } = known;
  if (state !== 'escalated') return [{ type: NEXT[state], data: { integrationId, task: rule.id, dueAt } }];
  const reason = `${rule.title} is overdue since ${dueAt}.`;
  return [{ type: 'IntegrationSuspended', data: { integrationId, reason, by: POLICY } }];
}

/** Several tasks may suspend at the same moment; once is enough. */
const onceSuspended = (news: readonly IntegrationEvent[]): readonly IntegrationEvent[] => {
  const first = news.find(({ type }) => type === 'IntegrationSuspended');
  return news.filter((event) => event.type !== 'IntegrationSuspended' || event === first);
};
