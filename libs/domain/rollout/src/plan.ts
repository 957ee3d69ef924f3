import type {
  Body,
  MonitoringRule,
  Playbook,
  RiskLevel,
  RolloutPlanRule,
  RolloutStepRule,
  RolloutType,
} from '@kwanus/domain-playbook';
import { DomainRejection } from '@kwanus/kernel';
import { milliseconds } from './duration.js';

/** One step as a rollout will take it. */
export type PlannedStep = RolloutStepRule;

/** Everything that a rollout decides by, pinned when it is planned: replay reads this and no playbook. */
export interface RolloutPlan {
  readonly playbookVersion: string;
  readonly playbookDigest: string;
  readonly type: RolloutType;
  /** What the risk asks for; `type` may be stricter. */
  readonly computed: RolloutType;
  readonly steps: readonly PlannedStep[];
  readonly bake: string;
  readonly bakeMinRequests: number;
  readonly askAfter: string;
  /** Who is asked when a hold lasts: those that approve a step of the plan, or every body. */
  readonly askedBodies: readonly string[];
  readonly rollbackWithin: string;
  /** Null: no deadline. */
  readonly progressDeadline: string | null;
  /** The page rule with the shortest long window; null: the playbook has none. */
  readonly quickRule: string | null;
  readonly minFailures: number;
  /** A verdict whose window ended longer ago than this says nothing of the present. */
  readonly staleAfterMs: number;
}

const STRICTNESS: Readonly<Record<RolloutType, number>> = { full: 0, staged: 1, controlled: 2 };

/** @returns true when the first type asks for less caution than the second */
export const isLaxer = (type: RolloutType, than: RolloutType): boolean => STRICTNESS[type] < STRICTNESS[than];

/**
 * @returns the plan of the type under this playbook
 * @throws DomainRejection `no-such-plan` when the playbook has no steps for the type or the risk, `duration-unreadable`
 */
export function planRollout(playbook: Playbook, type: RolloutType, risk: RiskLevel): RolloutPlan {
  const rule = ruleOf(playbook, (candidate) => candidate.type === type, type);
  const computed = ruleOf(playbook, (candidate) => candidate.forLevel === risk, risk).type;
  const { monitoring } = playbook;
  for (const duration of [
    rule.bake,
    rule.askAfter,
    rule.rollbackWithin,
    ...rule.steps.map((s) => s.minDwell),
  ])
    milliseconds(duration);
  return {
    playbookVersion: playbook.version,
    playbookDigest: playbook.digest,
    type,
    computed,
    steps: rule.steps,
    bake: rule.bake,
    bakeMinRequests: rule.bakeMinRequests,
    askAfter: rule.askAfter,
    askedBodies: askedOf(rule, playbook.bodies),
    rollbackWithin: rule.rollbackWithin,
    progressDeadline: rule.progressDeadline ?? null,
    quickRule: quickest(monitoring),
    minFailures: monitoring.minFailures,
    staleAfterMs:
      milliseconds(monitoring.watermark) + (monitoring.silentWindows + 1) * milliseconds(monitoring.window),
  };
}

function ruleOf(
  playbook: Playbook,
  fits: (rule: RolloutPlanRule) => boolean,
  wanted: string,
): RolloutPlanRule {
  const rule = playbook.rollouts.find(fits);
  if (rule === undefined || rule.steps.length === 0)
    throw new DomainRejection(
      'no-such-plan',
      `Playbook ${playbook.version} has no rollout steps for "${wanted}".`,
    );
  return rule;
}

function askedOf(rule: RolloutPlanRule, bodies: readonly Body[]): readonly string[] {
  const approving = new Set(rule.steps.flatMap((step) => step.approvals));
  const known = bodies.map(({ id }) => id);
  return approving.size === 0 ? known : known.filter((id) => approving.has(id));
}

const quickest = ({ burn }: MonitoringRule): string | null =>
  burn
    .filter(({ severity }) => severity === 'page')
    .toSorted((a, b) => milliseconds(a.long) - milliseconds(b.long))[0]?.id ?? null;

/** @returns who is exposed by name at a step: lists once opened stay open, so that exposure only grows */
export function listsOpenAt(
  plan: Pick<RolloutPlan, 'steps'>,
  stepIndex: number,
): { readonly internal: boolean; readonly partners: boolean } {
  const opened = plan.steps.slice(0, stepIndex + 1).map(({ allowList }) => allowList);
  return {
    internal: opened.some((list) => list !== 'none'),
    partners: opened.includes('partners'),
  };
}
