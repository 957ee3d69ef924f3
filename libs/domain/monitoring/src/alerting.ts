import type { MonitoringRule } from '@kwanus/domain-playbook';
import type { Burn } from './burn.js';
import { isProbing, type PermissionUsage } from './usage.js';
import { type JudgedSignal, nameOf } from './verdict.js';

/** An alert that is due, or over. One per release, signal, workflow or extension, and severity. */
export interface AlertCondition {
  readonly severity: 'page' | 'ticket';
  /** `api-errors`, `workflow-reliability of order-sync`, `permission-usage` … */
  readonly signal: string;
  /** `raise`: it is so; `resolve`: it is known not to be so; `unknown`: nothing can be said, so nothing changes. */
  readonly becomes: 'raise' | 'resolve' | 'unknown';
  readonly reason: string;
  readonly burn: readonly Burn[];
}

/** @returns per signal and severity whether its burn rules fire; without a request in the long windows nothing is known */
export const burnConditions = (
  signals: readonly Pick<JudgedSignal, 'signal' | 'of' | 'burn'>[],
): readonly AlertCondition[] =>
  signals.flatMap((judged) =>
    (['page', 'ticket'] as const)
      .map((severity) => ({ severity, burn: judged.burn.filter((rule) => rule.severity === severity) }))
      .filter(({ burn }) => burn.length > 0)
      .map(({ severity, burn }) => conditionOf(nameOf(judged), severity, burn)),
  );

function conditionOf(signal: string, severity: 'page' | 'ticket', burn: readonly Burn[]): AlertCondition {
  const firing = burn.filter((rule) => rule.firing);
  if (firing.length > 0) {
    const rules = firing.map(
      ({ rule, long, factor }) => `${rule} (${long.toFixed(2)} > ${factor.toFixed(2)})`,
    );
    return {
      severity,
      signal,
      becomes: 'raise',
      reason: `the error budget burns too fast: ${rules.join(', ')}`,
      burn,
    };
  }
  const known = burn.some(({ requestsLong }) => requestsLong > 0);
  return known
    ? { severity, signal, becomes: 'resolve', reason: 'no burn rule fires any more', burn }
    : { severity, signal, becomes: 'unknown', reason: 'no telemetry in the long windows', burn };
}

/**
 * Alerts about permissions are raised by what happened and stay until a person resolves them: nothing that comes later undoes it.
 * A use without a grant, or probing, pages; a single attempt out of scope is a ticket.
 */
export function permissionConditions(
  usage: PermissionUsage,
  rules: Pick<MonitoringRule, 'probing'>,
): readonly AlertCondition[] {
  const { permissions, within } = rules.probing;
  const page = [
    ...usage.bypassedBy.map(({ name, count }) => `${name} was used ${count} × without a grant`),
    ...(isProbing(usage, rules)
      ? [`permissions out of scope are being tried, ${permissions} or more within ${within}`]
      : []),
  ];
  const ticket = usage.outOfScopeBy.map(({ name, count }) => `${name} was tried ${count} × out of scope`);
  return [raise('page', page), raise('ticket', ticket)].filter((condition) => condition !== null);
}

const raise = (severity: 'page' | 'ticket', reasons: readonly string[]): AlertCondition | null =>
  reasons.length === 0
    ? null
    : { severity, signal: 'permission-usage', becomes: 'raise', reason: reasons.join('; '), burn: [] };
