import { DomainRejection } from '@kwanus/kernel';
import type { HeldGrants } from './grants.js';
import { assertSeated, type RegistryActor, type RegistryContext } from './registry.js';

/** `unused`: held and not used; `undeclared`: used and not held. */
export type RevocationGround = 'unused' | 'undeclared';

interface OfGrant {
  readonly integrationId: string;
  readonly release: string;
  readonly permission: string;
}
/** What speaks for taking a permission away. */
export interface RevocationEvidence {
  /** null: it was never granted. */
  readonly grantedAt: string | null;
  /** null: never. */
  readonly lastUsedAt: string | null;
  /** The stretch of telemetry that was looked at; null where single uses are the evidence. */
  readonly window: { readonly from: string; readonly to: string } | null;
  /** Uses without a grant. */
  readonly count: number;
}

/** Commands about taking permissions away. */
export type RevocationCommand =
  | ({ readonly type: 'ProposeRevocation' } & OfGrant & {
        readonly grantedAt: string;
        readonly lastUsedAt: string | null;
        readonly window: { readonly from: string; readonly to: string };
      })
  | ({ readonly type: 'NoteUse'; readonly lastUsedAt: string } & OfGrant)
  | ({
      readonly type: 'DecideRevocation';
      readonly decision: 'accepted' | 'rejected';
      readonly reason: string;
      readonly by: RegistryActor;
      readonly at: string;
      /** Evidence that ends earlier is no news after a rejection. */
      readonly askAgainFrom: string;
    } & OfGrant);

interface Decided {
  readonly ground: RevocationGround;
  readonly reason: string;
  readonly by: string;
  readonly at: string;
}
/** What became of a permission that should be taken away. */
export type RevocationEvent =
  | ({ readonly type: 'RevocationProposed'; readonly ground: RevocationGround } & OfGrant &
      RevocationEvidence)
  | ({
      readonly type: 'RevocationLapsed';
      readonly ground: RevocationGround;
      readonly reason: string;
      readonly lastUsedAt: string;
    } & OfGrant)
  | ({ readonly type: 'RevocationRejected'; readonly askAgainFrom: string } & OfGrant & Decided)
  | ({ readonly type: 'GrantRevoked'; readonly releases: readonly string[] } & OfGrant & Decided);

/** A proposal to take a permission from a live release, and what was decided. */
export interface Revocation extends Omit<OfGrant, 'integrationId'>, RevocationEvidence {
  readonly ground: RevocationGround;
  readonly status: 'open' | 'accepted' | 'rejected' | 'lapsed';
  /** Why it was decided so, or lapsed; null while it is open. */
  readonly reason: string | null;
  readonly by: string | null;
  readonly decidedAt: string | null;
  /** Set by a rejection. */
  readonly askAgainFrom: string | null;
  /** From which it was taken. */
  readonly releases: readonly string[];
}

interface Known {
  readonly held: readonly HeldGrants[];
  readonly revocations: readonly Revocation[];
}

/** @returns the proposal about the permission of the release */
export const revocationOf = (
  { revocations }: Pick<Known, 'revocations'>,
  { release, permission }: Pick<OfGrant, 'release' | 'permission'>,
): Revocation | undefined =>
  revocations.find((one) => one.release === release && one.permission === permission);

/** @returns the permissions that were taken from the release, sorted */
export const revokedFrom = (
  { revocations }: Pick<Known, 'revocations'>,
  release: string,
): readonly string[] => [
  ...new Set(
    revocations
      .filter(({ status, releases }) => status === 'accepted' && releases.includes(release))
      .map(({ permission }) => permission)
      .sort(),
  ),
];

/** Evidence is told by the event, however late and however often it comes: what is open, decided or refuted is not proposed again. */
function isNews(known: Revocation | undefined, { from, to }: { from: string; to: string }): boolean {
  if (known === undefined) return true;
  if (known.status === 'open' || known.status === 'accepted') return false;
  if (known.askAgainFrom !== null) return Date.parse(to) >= Date.parse(known.askAgainFrom);
  return known.lastUsedAt === null || Date.parse(known.lastUsedAt) <= Date.parse(from);
}

/** A permission that a live release holds and nobody used. What is not held needs no revocation. */
export function proposedForDisuse(
  evidence: Extract<RevocationCommand, { type: 'ProposeRevocation' }>,
  state: Known,
): readonly RevocationEvent[] {
  if (!state.held.some(({ release }) => release === evidence.release)) return [];
  if (!isNews(revocationOf(state, evidence), evidence.window)) return [];
  return [{ ...evidence, type: 'RevocationProposed', ground: 'unused', count: 0 }];
}

/** Names that nobody declared come from telemetry: their number is bounded, and the violations are counted all the same. */
const MOST_REVOCATIONS = 500;

/** A permission that was used and is not held. */
export function proposedForUse(
  {
    integrationId,
    release,
    permission,
    count,
    at,
  }: OfGrant & { readonly count: number; readonly at: string },
  state: Known,
): readonly RevocationEvent[] {
  if (!isNews(revocationOf(state, { release, permission }), { from: at, to: at })) return [];
  if (state.revocations.length >= MOST_REVOCATIONS) return [];
  const of = { integrationId, release, permission };
  return [
    {
      type: 'RevocationProposed',
      ...of,
      ground: 'undeclared',
      grantedAt: null,
      lastUsedAt: at,
      window: null,
      count,
    },
  ];
}

/** Use within the time that was looked at refutes what was said of it. */
export function lapsedByUse(
  { integrationId, release, permission, lastUsedAt }: Extract<RevocationCommand, { type: 'NoteUse' }>,
  state: Known,
): readonly RevocationEvent[] {
  const known = revocationOf(state, { release, permission });
  if (known?.status !== 'open' || known.window === null) return [];
  if (Date.parse(lastUsedAt) <= Date.parse(known.window.from)) return [];
  const of = { integrationId, release, permission };
  const reason = `used until ${lastUsedAt}`;
  return [{ type: 'RevocationLapsed', ...of, ground: known.ground, reason, lastUsedAt }];
}

/** @throws DomainRejection not-seated, revocation-decided, revocation-unknown */
export function decided(
  {
    integrationId,
    release,
    permission,
    decision,
    reason,
    by,
    at,
    askAgainFrom,
  }: Extract<RevocationCommand, { type: 'DecideRevocation' }>,
  state: Known,
  context: RegistryContext,
): readonly RevocationEvent[] {
  const known = revocationOf(state, { release, permission });
  const what = `the revocation of ${permission} from ${integrationId} ${release}`;
  if (known === undefined) throw new DomainRejection('revocation-unknown', `Nobody proposed ${what}.`);
  assertSeated(by, what, context);
  if (known.status === decision) return [];
  if (known.status !== 'open')
    throw new DomainRejection('revocation-decided', `${what} is ${known.status}: ${known.reason ?? ''}`);
  const news = { integrationId, release, permission, ground: known.ground, reason, by: by.id, at };
  const acting = state.held.map((held) => held.release);
  return decision === 'rejected'
    ? [{ type: 'RevocationRejected', ...news, askAgainFrom }]
    : [{ type: 'GrantRevoked', ...news, releases: [...new Set([...acting, release])] }];
}

/** A release that was judged before a permission was taken away, and acts only afterwards, comes without it. */
export function revokedAlong(
  {
    integrationId,
    release,
    judgedRevoked,
  }: Pick<OfGrant, 'integrationId' | 'release'> & { readonly judgedRevoked: readonly string[] },
  { revocations }: Pick<Known, 'revocations'>,
): readonly RevocationEvent[] {
  return revocations
    .filter(({ status, permission }) => status === 'accepted' && !judgedRevoked.includes(permission))
    .filter(({ releases }) => !releases.includes(release))
    .map(({ release: proposedFor, permission, ground, reason, by, decidedAt, releases }) => ({
      type: 'GrantRevoked' as const,
      integrationId,
      release: proposedFor,
      permission,
      ground,
      reason: reason ?? '',
      by: by ?? '',
      at: decidedAt ?? '',
      releases: [...releases, release],
    }));
}

type Ended = { readonly type: 'GrantsEnded'; readonly release: string };

/** @returns the proposals after the event */
export function evolveRevocation(
  revocations: readonly Revocation[],
  event: RevocationEvent | Ended,
): readonly Revocation[] {
  if (event.type === 'GrantsEnded')
    return revocations.map((one) =>
      one.release === event.release && one.status === 'open'
        ? { ...one, status: 'lapsed', reason: 'the release acts no more' }
        : one,
    );
  const { release, permission } = event;
  const known = revocationOf({ revocations }, event);
  const others = revocations.filter((one) => one !== known);
  if (event.type === 'RevocationProposed') {
    const { type: _, integrationId: __, ...evidence } = event;
    return [...others, { ...UNDECIDED, ...evidence, release, permission }];
  }
  return known === undefined ? revocations : [...others, { ...known, ...outcomeOf(event) }];
}

const UNDECIDED = {
  status: 'open',
  reason: null,
  by: null,
  decidedAt: null,
  askAgainFrom: null,
  releases: [],
} as const;

function outcomeOf(event: Exclude<RevocationEvent, { type: 'RevocationProposed' }>): Partial<Revocation> {
  const { reason } = event;
  switch (event.type) {
    case 'RevocationLapsed':
      return { status: 'lapsed', reason, lastUsedAt: event.lastUsedAt };
    case 'RevocationRejected':
      return {
        status: 'rejected',
        reason,
        by: event.by,
        decidedAt: event.at,
        askAgainFrom: event.askAgainFrom,
      };
    case 'GrantRevoked':
      return { status: 'accepted', reason, by: event.by, decidedAt: event.at, releases: event.releases };
  }
}
