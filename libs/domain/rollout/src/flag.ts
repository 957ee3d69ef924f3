import { bucketOf, isExposed } from './bucketing.js';
import { listsOpenAt } from './plan.js';
import type { RegisterEvent } from './register.decider.js';
import type { RollbackStarted, RolloutEvent, RolloutPlanned } from './rollout.events.js';

/** The rollout that decides about a flag, as far as asking needs it. */
export interface FlagRollout {
  readonly rolloutId: string;
  readonly release: string;
  readonly previous: string | null;
  readonly salt: string;
  readonly step: string;
  readonly stepIndex: number;
  readonly percent: number;
  /** False before the first step, and for ever after a roll-back. */
  readonly exposing: boolean;
  readonly completed: boolean;
  /** Workspaces exposed by name at this step. */
  readonly listed: readonly string[];
  readonly playbookVersion: string;
  readonly plan: Pick<RolloutPlanned['plan'], 'steps'>;
  readonly lists: RolloutPlanned['allowList'];
}

/** Which release of an integration is on, and for whom. */
export interface Flag {
  readonly integrationId: string;
  /** The release that everybody has who is not in the cohort; null: none. */
  readonly stable: string | null;
  readonly current: FlagRollout | null;
  /** Releases for the partner only, with the workspaces that they name. */
  readonly partnerOnly: Readonly<Record<string, readonly string[]>>;
  readonly withdrawn: readonly string[];
  readonly suspended: boolean;
  readonly retired: boolean;
}

/** Whom it is asked for. */
export interface FlagContext {
  /** The workspace. */
  readonly targetingKey: string;
  /** The partner that the workspace belongs to, where the caller says so. */
  readonly partner?: string;
}

/** Reasons of OFREP 0.3.0. */
export type FlagReason = 'STATIC' | 'TARGETING_MATCH' | 'SPLIT' | 'DISABLED';

export interface FlagAnswer {
  readonly value: {
    readonly enabled: boolean;
    readonly release: string | null;
    /** Where its fallback leads; null: to nothing. */
    readonly previous: string | null;
  };
  readonly variant: 'canary' | 'stable' | 'off';
  readonly reason: FlagReason;
}

/** @returns the flag of an integration that nothing is known of yet */
export const newFlag = (integrationId: string): Flag => ({
  integrationId,
  stable: null,
  current: null,
  partnerOnly: {},
  withdrawn: [],
  suspended: false,
  retired: false,
});

/**
 * Which release is on for a workspace. In this order: kill switch, hard deny, eligibility, allow list, bucket. The same workspace
 * gets the same answer as long as the step is the same, and keeps the release while the step only grows.
 */
export function evaluateFlag(flag: Flag, context: FlagContext): FlagAnswer {
  if (flag.suspended || flag.retired) return off('DISABLED');
  const { current } = flag;
  if (current === null || !current.exposing || flag.withdrawn.includes(current.release))
    return stable(flag, context, 'STATIC');
  if (!isEligible(flag, current.release, context)) return stable(flag, context, 'TARGETING_MATCH');
  if (current.listed.includes(context.targetingKey)) return canary(current, 'TARGETING_MATCH');
  return byBucket(flag, current, context);
}

function byBucket(flag: Flag, current: FlagRollout, context: FlagContext): FlagAnswer {
  if (current.percent >= 100) return canary(current, 'STATIC');
  return isExposed(bucketOf(current.salt, context.targetingKey), current.percent)
    ? canary(current, 'SPLIT')
    : stable(flag, context, 'SPLIT');
}

const off = (reason: FlagReason): FlagAnswer => ({
  value: { enabled: false, release: null, previous: null },
  variant: 'off',
  reason,
});

const canary = ({ release, previous, completed }: FlagRollout, reason: FlagReason): FlagAnswer => ({
  value: { enabled: true, release, previous },
  variant: completed ? 'stable' : 'canary',
  reason,
});

function stable(flag: Flag, context: FlagContext, reason: FlagReason): FlagAnswer {
  const { stable: release, withdrawn } = flag;
  if (release === null || withdrawn.includes(release) || !isEligible(flag, release, context))
    return off(reason);
  return { value: { enabled: true, release, previous: null }, variant: 'stable', reason };
}

/** What is for a partner only is for workspaces of that partner, and for those that the release names. */
function isEligible(
  { integrationId, partnerOnly }: Flag,
  release: string,
  { targetingKey, partner }: FlagContext,
): boolean {
  const named = partnerOnly[release];
  if (named === undefined || named.includes(targetingKey)) return true;
  return partner === integrationId.slice(0, integrationId.indexOf('.'));
}

/** @returns the flag after an event of a rollout or of the register of releases; other types change nothing */
export function evolveFlag(flag: Flag, event: RolloutEvent | RegisterEvent): Flag {
  switch (event.type) {
    case 'RolloutPlanned':
      return { ...flag, ...restricted(flag, event), stable: event.previous, current: planned(event) };
    case 'StepStarted':
      return moved(flag, event.rolloutId, (current) => {
        const { step, stepIndex, percent } = event;
        const open = listsOpenAt(current.plan, stepIndex);
        const { internal, partners } = current.lists;
        const listed = [...(open.internal ? internal : []), ...(open.partners ? partners : [])];
        return { ...current, exposing: true, step, stepIndex, percent, listed };
      });
    case 'RolloutCompleted':
      return moved(flag, event.rolloutId, (current) => ({ ...current, completed: true }));
    case 'RollbackStarted':
      return wentBack(flag, event);
    case 'RolloutSuperseded':
      return moved(flag, event.rolloutId, (current) => ({ ...current, exposing: false }));
    case 'RolloutOpened':
      return { ...flag, withdrawn: flag.withdrawn.filter((release) => release !== event.release) };
    case 'LifecycleNoted':
      return lifecycle(flag, event);
    default:
      return flag;
  }
}

const planned = (event: RolloutPlanned): FlagRollout => ({
  rolloutId: event.rolloutId,
  release: event.release,
  previous: event.previous,
  salt: event.salt,
  step: event.plan.steps[0]?.id ?? '',
  stepIndex: 0,
  percent: 0,
  exposing: false,
  completed: false,
  listed: [],
  playbookVersion: event.plan.playbookVersion,
  plan: { steps: event.plan.steps },
  lists: event.allowList,
});

function restricted(
  { partnerOnly }: Flag,
  { allowList, release, partnerOnly: isRestricted }: RolloutPlanned,
): Pick<Flag, 'partnerOnly'> {
  const { [release]: _, ...others } = partnerOnly;
  return {
    partnerOnly: isRestricted
      ? { ...others, [release]: [...allowList.internal, ...allowList.partners] }
      : others,
  };
}

/** Of the release that another rollout began over, too: whoever is not in that cohort falls back with it. */
const wentBack = (flag: Flag, { rolloutId, release, to }: RollbackStarted): Flag =>
  flag.stable === release
    ? { ...flag, stable: to }
    : moved(flag, rolloutId, (current) => ({ ...current, exposing: false }));

const moved = (flag: Flag, rolloutId: string, change: (current: FlagRollout) => FlagRollout): Flag =>
  flag.current?.rolloutId === rolloutId ? { ...flag, current: change(flag.current) } : flag;

function lifecycle(flag: Flag, event: Extract<RegisterEvent, { type: 'LifecycleNoted' }>): Flag {
  switch (event.kind) {
    case 'release-withdrawn':
      return event.release === null ? flag : { ...flag, withdrawn: [...flag.withdrawn, event.release] };
    case 'integration-suspended':
      return { ...flag, suspended: true };
    case 'integration-reinstated':
      return { ...flag, suspended: false };
    case 'integration-retired':
      return { ...flag, retired: true };
    default:
      return flag;
  }
}
