import type { MonitoringRule } from '@kwanus/domain-playbook';
import type { NamedCount } from './totals.js';

/** A permission as the release record grants it. */
export interface Grant {
  readonly id: string;
  readonly actions: readonly string[];
}

/** Decisions about one permission over some time. */
export interface PermissionCounts {
  readonly permission: string;
  readonly allowed: number;
  readonly denied: number;
  /** Of `denied`, those within the playbook's `probing.within`. */
  readonly deniedLately: number;
}

/** Permission use held against the grants of the release (PB-10.02). */
export interface PermissionUsage {
  /** Uses of granted permissions that were allowed. */
  readonly used: number;
  /** Uses of granted permissions that were refused. */
  readonly denied: number;
  /** Attempts at permissions that were not granted, refused. */
  readonly outOfScope: number;
  /** Uses that were allowed without a grant. */
  readonly bypassed: number;
  readonly neverUsed: readonly string[];
  /** Different permissions that were tried out of scope lately. */
  readonly triedLately: number;
  /** False while the grants are unknown: then only `used` and `denied` say something. */
  readonly judged: boolean;
  readonly outOfScopeBy: readonly NamedCount[];
  readonly bypassedBy: readonly NamedCount[];
}

/**
 * @param counts what was decided, per permission
 * @param grants of the release; null while they are unknown
 */
export function judgePermissions(
  counts: readonly PermissionCounts[],
  grants: readonly Grant[] | null,
): PermissionUsage {
  const granted = new Set(
    (grants ?? counts.map(({ permission }) => ({ id: permission }))).map(({ id }) => id),
  );
  const within = counts.filter(({ permission }) => granted.has(permission));
  const outside = counts.filter(({ permission }) => !granted.has(permission));
  const used = new Set(within.filter(({ allowed }) => allowed > 0).map(({ permission }) => permission));
  return {
    used: sum(within, 'allowed'),
    denied: sum(within, 'denied'),
    outOfScope: sum(outside, 'denied'),
    bypassed: sum(outside, 'allowed'),
    neverUsed: grants === null ? [] : grants.map(({ id }) => id).filter((id) => !used.has(id)),
    triedLately: outside.filter(({ deniedLately }) => deniedLately > 0).length,
    judged: grants !== null,
    outOfScopeBy: named(outside, 'denied'),
    bypassedBy: named(outside, 'allowed'),
  };
}

/** @returns true when so many different permissions were tried out of scope that somebody is trying doors */
export const isProbing = (
  { triedLately }: Pick<PermissionUsage, 'triedLately'>,
  { probing }: Pick<MonitoringRule, 'probing'>,
): boolean => triedLately >= probing.permissions;

const sum = (counts: readonly PermissionCounts[], key: 'allowed' | 'denied'): number =>
  counts.reduce((total, count) => total + count[key], 0);

const named = (counts: readonly PermissionCounts[], key: 'allowed' | 'denied'): readonly NamedCount[] =>
  counts.filter((count) => count[key] > 0).map((count) => ({ name: count.permission, count: count[key] }));
