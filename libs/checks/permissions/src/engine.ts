import {
  type AuthorizationAnswer,
  type EntityJson,
  isAuthorized,
  type PolicyJson,
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyRequest } from './evaluate.js';
import { boundaryOf, type Grant, permitOf } from './grant.js';
import type { PartnerPolicy } from './read-policies.js';
import { schemaOf, type Vocabulary } from './vocabulary.js';

/** What an integration may do, as it is prepared for decisions. */
export interface PermissionSet {
  readonly integrationId: string;
  readonly grants: readonly Grant[];
  readonly policies: readonly PartnerPolicy[];
  readonly vocabulary: Vocabulary;
}

/** Allowed or not, and the policies that decided. */
export interface PolicyDecision {
  readonly decision: 'allow' | 'deny';
  /** Ids of permissions, of the partner's own policies, or `boundary`. Empty: nothing permits it. */
  readonly policies: readonly string[];
}

/** Policies or schema were not taken by the engine. */
export class PoliciesRefused extends Error {
  override readonly name = 'PoliciesRefused';
}

const BOUNDARY = 'boundary';

/** @returns every policy by its id. A permission with a policy of the partner's is permitted by that, and forbidden beyond the grants. */
export function policiesOf({ integrationId, grants, policies }: PermissionSet): Record<string, PolicyJson> {
  const replaced = new Set(policies.map(({ permission }) => permission));
  return Object.fromEntries([
    ...grants
      .filter(({ id }) => !replaced.has(id))
      .map((grant) => [grant.id, permitOf(integrationId, grant)]),
    ...policies.map(({ id, policy }) => [id, policy]),
    ...(policies.length === 0 ? [] : [[BOUNDARY, boundaryOf(integrationId, grants)]]),
  ]) as Record<string, PolicyJson>;
}

/**
 * Decides by policies that are parsed once. The engine keeps what was parsed under a name and forgets it only when the name is taken
 * again, so names are taken in turn.
 */
export class DecisionEngine {
  readonly #slots = new Map<string, number>();
  readonly #free: number[];

  /** @param kept sets that stay parsed */
  constructor(kept = 256) {
    this.#free = Array.from({ length: kept }, (_, slot) => slot);
  }

  /** @returns whether the set is parsed already */
  has(key: string): boolean {
    return this.#slots.has(key);
  }

  /**
   * Parses a set, once.
   * @param key tells this set apart from every other: the same key, the same set
   * @throws PoliciesRefused
   */
  prepare(key: string, set: PermissionSet): void {
    if (this.has(key)) return;
    const slot = this.#freeSlot();
    const schema = preparseSchema(`schema-${slot}`, schemaOf(set.vocabulary));
    const policies = preparsePolicySet(`policies-${slot}`, { staticPolicies: policiesOf(set) });
    for (const answer of [schema, policies])
      if (answer.type === 'failure') {
        this.#free.push(slot);
        throw new PoliciesRefused(answer.errors.map(({ message }) => message).join('; '));
      }
    this.#slots.set(key, slot);
  }

  /** @throws PoliciesRefused where the set is not parsed, or is kept no more */
  decide(key: string, request: PolicyRequest): PolicyDecision {
    const slot = this.#slots.get(key);
    if (slot === undefined) throw new PoliciesRefused('the set is not prepared');
    this.#slots.delete(key);
    this.#slots.set(key, slot);
    return this.#answer(slot, request);
  }

  /** @returns a name that is free, else the one that was not asked for longest */
  #freeSlot(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const [oldest] = this.#slots;
    if (oldest === undefined) throw new PoliciesRefused('no set of policies is kept');
    this.#slots.delete(oldest[0]);
    return oldest[1];
  }

  #answer(slot: number, request: PolicyRequest): PolicyDecision {
    return decisionOf(
      statefulIsAuthorized({
        ...callOf(request),
        preparsedSchemaName: `schema-${slot}`,
        preparsedPolicySetId: `policies-${slot}`,
        validateRequest: true,
      }),
    );
  }
}

const callOf = ({
  principal,
  action,
  resource,
  resourceWorkspace,
  workspace,
  fields,
  now,
}: PolicyRequest) => ({
  principal,
  action,
  resource,
  context: {
    workspace,
    fields: [...fields],
    now: { __extn: { fn: 'datetime', arg: new Date(now).toISOString() } },
  },
  entities: [
    { uid: resource, attrs: { workspace: resourceWorkspace }, parents: [] },
    { uid: principal, attrs: {}, parents: [] },
  ] satisfies EntityJson[],
});

function decisionOf(answer: AuthorizationAnswer): PolicyDecision {
  if (answer.type === 'failure')
    throw new PoliciesRefused(answer.errors.map(({ message }) => message).join('; '));
  const { decision, diagnostics } = answer.response;
  return { decision, policies: [...diagnostics.reason].sort() };
}

/** @returns what the engine itself says of a request and policies of a partner, without schema and without boundary: it confirms a witness */
export const confirm = (policies: readonly PartnerPolicy[], request: PolicyRequest): PolicyDecision =>
  decisionOf(
    isAuthorized({
      ...callOf(request),
      policies: { staticPolicies: Object.fromEntries(policies.map(({ id, policy }) => [id, policy])) },
    }),
  );
