import type { MonitoringRule } from '@kwanus/domain-playbook';
import type { DeclaredNames } from './accumulator.js';
import type { Objective } from './burn.js';
import type { Grant } from './usage.js';

/** What a release declared and promised: what its telemetry is held against. */
export interface Watched {
  readonly operations: readonly string[];
  readonly workflows: readonly string[];
  readonly permissions: readonly Grant[];
  readonly extensions: readonly string[];
  /** Hosts that extensions may call; absent while they are unknown. */
  readonly egress?: readonly string[];
  readonly slos: readonly { readonly signal: string; readonly objective: number; readonly period: string }[];
}

/** @returns the playbook's objective for the signal, or what the release promised where that is stricter: a promise lowers no bar */
export function objectiveOf(
  signal: string,
  slos: Watched['slos'],
  rules: Pick<MonitoringRule, 'signals'>,
): Objective {
  const promised = slos.find((slo) => slo.signal === signal);
  const { objective, period } = rules.signals.find(({ id }) => id === signal) ?? STRICTEST_KNOWN;
  return promised !== undefined && promised.objective > objective ? promised : { objective, period };
}

const STRICTEST_KNOWN: Objective = { objective: 0.999, period: 'P30D' };

/** @returns the declared names, to be kept before all others */
export const declaredNames = (watched: Watched): DeclaredNames => ({
  operations: new Set(watched.operations),
  workflows: new Set(watched.workflows),
  permissions: new Set(watched.permissions.map(({ id }) => id)),
  extensions: new Set(watched.extensions),
});
