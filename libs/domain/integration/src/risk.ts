import type { Playbook, RiskLevel, RiskRule, RolloutType } from '@kwanus/domain-playbook';
import type { ValidationFacts } from './integration.events.js';
import type { Integration, Release } from './integration.state.js';
import { waiversInForce } from './waivers.js';

const ORDER: readonly RolloutType[] = ['full', 'staged', 'controlled'];
const LEVELS: readonly RiskLevel[] = ['low', 'medium', 'high'];

/** @returns true when the one exposes more at once than the other */
export const isLaxer = (one: RolloutType, other: RolloutType): boolean =>
  ORDER.indexOf(one) < ORDER.indexOf(other);

/** What makes a rule hold: the things found, empty when none; null when it does not hold. */
interface Asked {
  readonly facts: ValidationFacts;
  readonly rule: RiskRule;
  readonly release: Release;
  readonly state: Integration;
}
type Found = (asked: Asked) => readonly string[] | null;
const some = (found: readonly string[]): readonly string[] | null => (found.length === 0 ? null : found);
const when = (holds: boolean): readonly string[] | null => (holds ? [] : null);

const FOUND: Readonly<Record<RiskRule['when'], Found>> = {
  'new-permission': ({ facts }) => some(facts.newPermissions),
  'new-workflow': ({ facts }) => some(facts.newWorkflows),
  'new-extension': ({ facts }) => some(facts.newExtensions),
  'forbidden-near': ({ facts }) => when(facts.forbiddenNear),
  'breaking-change': ({ facts }) => when(facts.breaking),
  'partner-only': ({ facts, release }) => when(facts.partnerOnly || release.declared.partnerOnly),
  'medium-scope-change': ({ facts, rule }) =>
    some(facts.changedSections.filter((section) => rule.sections?.includes(section) === true)),
  'first-release': ({ state }) => when(state.live === null),
};

/** @returns the computed risk with its reasons, and the rollout type that it asks for; what no plan is for is controlled, and so is what nothing is known of */
export function riskOf(
  state: Integration,
  release: Release,
  playbook: Playbook,
): { readonly level: RiskLevel; readonly reasons: readonly string[]; readonly computed: RolloutType } {
  const facts = release.validation?.facts ?? null;
  if (facts === null)
    return { level: 'high', reasons: ['no validation has said what changed'], computed: 'controlled' };
  const firing = playbook.risk.flatMap((rule) => {
    const found = FOUND[rule.when]({ facts, rule, release, state });
    return found === null ? [] : [{ rule, found }];
  });
  const level = firing.reduce<RiskLevel>(
    (worst, { rule }) => (LEVELS.indexOf(rule.level) > LEVELS.indexOf(worst) ? rule.level : worst),
    'low',
  );
  const computed = playbook.rollouts.find(({ forLevel }) => forLevel === level)?.type ?? 'controlled';
  const reasons = firing.map(({ rule, found }) =>
    found.length === 0 ? rule.title : `${rule.title}: ${found.join(', ')}`,
  );
  return {
    level,
    reasons: reasons.length === 0 ? ['no risk rule of the playbook holds'] : reasons,
    computed,
  };
}

/** How a release is to be rolled out, and the waiver that allows it where it is laxer than computed. */
export interface ChosenRollout {
  readonly type: RolloutType;
  readonly typeWaiver: { readonly body: string; readonly reason: string } | null;
}

/** @returns the type: as computed, laxer by a waiver in force that was granted for the very submission, or stricter because somebody chose so; the stricter wish wins */
export function rolloutTypeOf(release: Release, computed: RolloutType, asOf: string): ChosenRollout {
  const { stricter } = release;
  const laxer = waiversInForce(release, asOf).flatMap(({ target, body, reason, digest }) =>
    target.kind === 'rollout-type' &&
    digest === release.digests['everything'] &&
    isLaxer(target.rollout, computed)
      ? [{ type: target.rollout, typeWaiver: { body, reason } }]
      : [],
  );
  const allowed = laxer.at(-1) ?? { type: computed, typeWaiver: null };
  if (stricter === null || !isLaxer(allowed.type, stricter)) return allowed;
  return { type: stricter, typeWaiver: isLaxer(stricter, computed) ? allowed.typeWaiver : null };
}
