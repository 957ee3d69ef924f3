import type { Decider } from '@kwanus/kernel';

/** A permission that a live release holds. Times are RFC 3339. */
export interface HeldPermission {
  readonly permission: string;
  /** Since when the integration has held it without a break. */
  readonly since: string;
}

/** Looks whether what a release holds was used. The moment and everything seen come with it. */
export interface ReviewUse {
  readonly type: 'ReviewUse';
  readonly integrationId: string;
  readonly release: string;
  readonly at: string;
  readonly held: readonly HeldPermission[];
  /** The end of the last window in which the release was heard of; null: never. */
  readonly heardUntil: string | null;
  /** The end of the last window in which each permission was used. */
  readonly lastUsed: ReadonlyMap<string, string>;
  /** When names of permissions were last lost to a cap: what was used then is not known. */
  readonly namesLostAt: string | null;
  /** From the playbook, in milliseconds. */
  readonly afterMs: number;
}
/** The body has decided on a proposal to revoke. */
export interface SettleDisuse {
  readonly type: 'SettleDisuse';
  readonly integrationId: string;
  readonly release: string;
  readonly permission: string;
  readonly decision: 'accepted' | 'rejected';
  readonly at: string;
}
export type DisuseCommand = ReviewUse | SettleDisuse;

/** Held for so long, heard of, and not used (contract `kwanus.monitoring.permission-unused.v1`). */
export interface PermissionUnused {
  readonly type: 'PermissionUnused';
  readonly integrationId: string;
  readonly release: string;
  readonly permission: string;
  readonly grantedAt: string;
  /** null: never. */
  readonly lastUsedAt: string | null;
  /** What was looked at. */
  readonly window: { readonly from: string; readonly to: string };
}
/** Telemetry, late or new, shows use of what was said to be unused (contract `kwanus.monitoring.permission-used-again.v1`). */
export interface PermissionUsedAgain {
  readonly type: 'PermissionUsedAgain';
  readonly integrationId: string;
  readonly release: string;
  readonly permission: string;
  readonly lastUsedAt: string;
}
export interface DisuseSettled extends Omit<SettleDisuse, 'type'> {
  readonly type: 'DisuseSettled';
}
export type DisuseEvent = PermissionUnused | PermissionUsedAgain | DisuseSettled;

/** What was said of the permissions of one integration. */
export interface Disuse {
  /** Said to be unused, and neither used nor decided since; by permission. */
  readonly open: ReadonlyMap<string, PermissionUnused>;
  /** Nothing before this moment is held against the permission any more. */
  readonly countsFrom: ReadonlyMap<string, string>;
}

/** The stream `disuse-<integration>`: permissions that were held and not used. Looking twice says nothing twice. */
export const disuse: Decider<Disuse, DisuseCommand, DisuseEvent, undefined> = {
  initialState: { open: new Map(), countsFrom: new Map() },
  decide(command, state): readonly DisuseEvent[] {
    switch (command.type) {
      case 'ReviewUse':
        return [...usedAgain(command, state), ...unused(command, state)];
      case 'SettleDisuse':
        return isOlder(state.countsFrom.get(command.permission), command.at)
          ? [{ ...command, type: 'DisuseSettled' }]
          : [];
    }
  },
  evolve({ open, countsFrom }, event): Disuse {
    switch (event.type) {
      case 'PermissionUnused':
        return {
          open: new Map(open).set(event.permission, event),
          countsFrom: new Map(countsFrom).set(event.permission, event.window.to),
        };
      case 'PermissionUsedAgain':
        return { open: without(open, event.permission), countsFrom };
      case 'DisuseSettled':
        return {
          open: without(open, event.permission),
          countsFrom: new Map(countsFrom).set(event.permission, event.at),
        };
    }
  },
};

/**
 * @returns when there may next be something to say: when the first permission can have been unused for long enough, else after
 * `lookAgainMs`; null where nothing is held
 */
export function nextReview(command: ReviewUse, state: Disuse, lookAgainMs: number): string | null {
  if (command.held.length === 0) return null;
  const at = Date.parse(command.at);
  const ripe = command.held.map((held) => countedFrom(held, command, state) + command.afterMs);
  const first = state.open.size > 0 ? at : Math.min(...ripe);
  return new Date(Math.max(first, at + lookAgainMs)).toISOString();
}

function unused(command: ReviewUse, state: Disuse): readonly PermissionUnused[] {
  const { integrationId, release, at, heardUntil, namesLostAt, afterMs, held, lastUsed } = command;
  if (heardUntil === null) return [];
  // The evidence ends with the last that was heard: silence, and a backlog that is not read yet, show nothing.
  const to = Math.min(Date.parse(at), Date.parse(heardUntil));
  const from = to - afterMs;
  if (millis(namesLostAt) > from) return [];
  return held
    .filter((each) => countedFrom(each, command, state) <= from)
    .map(({ permission, since }) => ({
      type: 'PermissionUnused',
      integrationId,
      release,
      permission,
      grantedAt: since,
      lastUsedAt: lastUsed.get(permission) ?? null,
      window: { from: new Date(from).toISOString(), to: new Date(to).toISOString() },
    }));
}

const usedAgain = ({ lastUsed }: ReviewUse, { open }: Disuse): readonly PermissionUsedAgain[] =>
  [...open.values()].flatMap(({ integrationId, release, permission, window }) => {
    const lastUsedAt = lastUsed.get(permission);
    return lastUsedAt !== undefined && millis(lastUsedAt) > millis(window.from)
      ? [{ type: 'PermissionUsedAgain', integrationId, release, permission, lastUsedAt }]
      : [];
  });

const countedFrom = (
  { permission, since }: HeldPermission,
  { lastUsed }: ReviewUse,
  { countsFrom }: Disuse,
): number =>
  Math.max(
    Date.parse(since),
    millis(lastUsed.get(permission) ?? null),
    millis(countsFrom.get(permission) ?? null),
  );

const millis = (moment: string | null): number =>
  moment === null ? Number.NEGATIVE_INFINITY : Date.parse(moment);

const isOlder = (known: string | undefined, at: string): boolean => millis(known ?? null) < millis(at);

const without = <Value>(map: ReadonlyMap<string, Value>, key: string): ReadonlyMap<string, Value> =>
  new Map([...map].filter(([name]) => name !== key));
