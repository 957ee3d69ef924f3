import type { Decider } from '@kwanus/kernel';
import type { RegistryContext } from './registry.js';
import {
  decided,
  evolveRevocation,
  lapsedByUse,
  proposedForDisuse,
  proposedForUse,
  type Revocation,
  type RevocationCommand,
  type RevocationEvent,
  revokedAlong,
} from './revocations.js';

/** Facts of intake's about which releases of an integration meet anybody; in any order, and again. */
export type GrantsCommand =
  | {
      /** Somebody meets the release from now on. */
      readonly type: 'TakeGrants';
      readonly integrationId: string;
      readonly release: string;
      /** The run whose submission the release is; null: none has judged it. */
      readonly runId: string | null;
      /** Permissions of which the run knew that they had been taken away: whoever passed all the same was let through. */
      readonly judgedRevoked: readonly string[];
    }
  | {
      readonly type: 'EndGrants';
      readonly integrationId: string;
      /** null: every release. */
      readonly release: string | null;
      readonly cause: 'rolled-back' | 'withdrawn' | 'retired';
    }
  | { readonly type: 'SuspendGrants' | 'ReinstateGrants'; readonly integrationId: string }
  | ({
      readonly type: 'NoteViolation';
      readonly integrationId: string;
      /** When monitoring told of it. */
      readonly at: string;
    } & PermissionViolation)
  | RevocationCommand;

/** Use of a permission that the release does not hold, as monitoring has seen it. */
export interface PermissionViolation {
  readonly release: string;
  readonly permission: string;
  /** `out-of-scope`: tried and refused; `bypassed`: allowed without a grant. */
  readonly kind: string;
  readonly count: number;
}

export type GrantsEvent =
  | {
      readonly type: 'GrantsTaken';
      readonly integrationId: string;
      readonly release: string;
      readonly runId: string | null;
    }
  | {
      readonly type: 'GrantsEnded';
      readonly integrationId: string;
      readonly release: string;
      readonly cause: 'rolled-back' | 'withdrawn' | 'retired';
    }
  | { readonly type: 'GrantsSuspended' | 'GrantsReinstated'; readonly integrationId: string }
  | ({ readonly type: 'ViolationNoted'; readonly integrationId: string } & PermissionViolation)
  | RevocationEvent;

/** A release that may act, by the submission that a run has judged. */
export interface HeldGrants {
  readonly release: string;
  readonly runId: string | null;
}

/** Which releases of an integration may act. */
export interface IntegrationGrants {
  /** The one that came last stands last. */
  readonly held: readonly HeldGrants[];
  readonly suspended: boolean;
  /** Summed up by release, permission and kind; at most 500. */
  readonly violations: readonly PermissionViolation[];
  /** What should be, or was, taken from releases: the last of each release and permission. */
  readonly revocations: readonly Revocation[];
}

const last = (held: readonly HeldGrants[]): HeldGrants | undefined => held.at(-1);

function taken(
  { integrationId, release, runId, judgedRevoked }: Extract<GrantsCommand, { type: 'TakeGrants' }>,
  { held, revocations }: IntegrationGrants,
): readonly GrantsEvent[] {
  const known = last(held);
  if (known?.release === release && known.runId === runId) return [];
  return [
    { type: 'GrantsTaken', integrationId, release, runId },
    ...revokedAlong({ integrationId, release, judgedRevoked }, { revocations }),
  ];
}

function ended(
  { integrationId, release, cause }: Extract<GrantsCommand, { type: 'EndGrants' }>,
  { held }: IntegrationGrants,
): readonly GrantsEvent[] {
  return held
    .filter((one) => release === null || one.release === release)
    .map((one) => ({ type: 'GrantsEnded', integrationId, release: one.release, cause }));
}

const without = (held: readonly HeldGrants[], release: string): readonly HeldGrants[] =>
  held.filter((one) => one.release !== release);

const MOST_VIOLATIONS = 500;

function added(
  known: readonly PermissionViolation[],
  { release, permission, kind, count }: PermissionViolation,
): readonly PermissionViolation[] {
  const isSame = (one: PermissionViolation): boolean =>
    one.release === release && one.permission === permission && one.kind === kind;
  const before = known.find(isSame);
  if (before === undefined && known.length >= MOST_VIOLATIONS) return known;
  return [
    ...known.filter((one) => !isSame(one)),
    { release, permission, kind, count: count + (before?.count ?? 0) },
  ];
}

/** What was used without being held is noted, and proposed to be taken away. */
function violated(
  { at, ...violation }: Extract<GrantsCommand, { type: 'NoteViolation' }>,
  state: IntegrationGrants,
): readonly GrantsEvent[] {
  const noted: GrantsEvent = { ...violation, type: 'ViolationNoted' };
  return violation.kind === 'bypassed' ? [noted, ...proposedForUse({ ...violation, at }, state)] : [noted];
}

function suspension(
  { type, integrationId }: Extract<GrantsCommand, { type: 'SuspendGrants' | 'ReinstateGrants' }>,
  { suspended }: IntegrationGrants,
): readonly GrantsEvent[] {
  const suspends = type === 'SuspendGrants';
  return suspends === suspended
    ? []
    : [{ type: suspends ? 'GrantsSuspended' : 'GrantsReinstated', integrationId }];
}

/** Streams `grants-<integrationId>`: from the first step of a release's rollout until it is rolled back, withdrawn or retired. */
export const integrationGrants: Decider<IntegrationGrants, GrantsCommand, GrantsEvent, RegistryContext> = {
  initialState: { held: [], suspended: false, violations: [], revocations: [] },
  decide(command, state, context): readonly GrantsEvent[] {
    switch (command.type) {
      case 'TakeGrants':
        return taken(command, state);
      case 'EndGrants':
        return ended(command, state);
      case 'SuspendGrants':
      case 'ReinstateGrants':
        return suspension(command, state);
      case 'NoteViolation':
        return violated(command, state);
      case 'ProposeRevocation':
        return proposedForDisuse(command, state);
      case 'NoteUse':
        return lapsedByUse(command, state);
      case 'DecideRevocation':
        return decided(command, state, context);
    }
  },
  evolve(state, event): IntegrationGrants {
    switch (event.type) {
      case 'GrantsTaken': {
        const { release, runId } = event;
        return { ...state, held: [...without(state.held, release), { release, runId }] };
      }
      case 'GrantsEnded':
        return {
          ...state,
          held: without(state.held, event.release),
          revocations: evolveRevocation(state.revocations, event),
        };
      case 'GrantsSuspended':
        return { ...state, suspended: true };
      case 'GrantsReinstated':
        return { ...state, suspended: false };
      case 'ViolationNoted':
        return { ...state, violations: added(state.violations, event) };
      case 'RevocationProposed':
      case 'RevocationLapsed':
      case 'RevocationRejected':
      case 'GrantRevoked':
        return { ...state, revocations: evolveRevocation(state.revocations, event) };
    }
  },
};

/** @returns the grants of the release, or of the one that came last; undefined where it may not act */
export const heldBy = ({ held }: IntegrationGrants, release: string | undefined): HeldGrants | undefined =>
  release === undefined ? last(held) : held.find((one) => one.release === release);
