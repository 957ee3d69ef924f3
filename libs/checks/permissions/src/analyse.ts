import { applies, NotFollowed, type PolicyRequest } from './evaluate.js';
import type { Grant } from './grant.js';
import { literalsOf } from './literals.js';
import type { PartnerPolicy } from './read-policies.js';
import { type RequestSpace, requestSpace } from './requests.js';
import { PRINCIPAL_TYPE, qualified, resourceType, type Vocabulary } from './vocabulary.js';

/** A direction in which a policy can be without bound. */
export const DIRECTIONS = ['principal', 'resource', 'action', 'workspace', 'fields'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** One way in which policies let through what no declared permission covers. */
export interface Escape {
  readonly direction: Direction;
  /** True: a value gets through that nothing names. False: only values that a policy writes out. */
  readonly unbounded: boolean;
  /** A request that gets through. */
  readonly witness: PolicyRequest;
  /** The policy that permits it. */
  readonly policy: PartnerPolicy;
}

/** What is known of the policies of an integration, all of them together. */
export interface PolicyAnalysis {
  readonly escapes: readonly Escape[];
  /** Policies that forbid something to others. */
  readonly aimedAtOthers: readonly PartnerPolicy[];
  /** Why nothing can be said; null: what is not listed above was shown not to be. */
  readonly undecided: string | null;
  /** How many requests stand for all. */
  readonly requests: number;
}

/** What the policies are held against. */
export interface AnalysisInput {
  readonly integrationId: string;
  readonly policies: readonly PartnerPolicy[];
  readonly grants: readonly Grant[];
  readonly vocabulary: Vocabulary;
}

const MOST_DECISIONS = 200_000;
/** Decisions between two turns of the process' other work. */
const BREATH = 500;

/**
 * Holds all policies of an integration together against its grants, over requests that stand for all there are. Lets other work of the
 * process have its turn.
 */
export async function analysePolicies(input: AnalysisInput): Promise<PolicyAnalysis> {
  try {
    const literals = literalsOf(input.policies.map(({ policy }) => policy));
    const space = requestSpace(input.integrationId, literals, input);
    if (space.size * input.policies.length > MOST_DECISIONS)
      throw new NotFollowed('more cases than can be gone through');
    return await searched(input, space);
  } catch (error) {
    if (!(error instanceof NotFollowed)) throw error;
    return { escapes: [], aimedAtOthers: [], undecided: error.message, requests: 0 };
  }
}

async function searched(
  { integrationId, policies, grants }: AnalysisInput,
  space: RequestSpace,
): Promise<PolicyAnalysis> {
  const permits = policies.filter(({ policy }) => policy.effect === 'permit');
  const forbids = policies.filter(({ policy }) => policy.effect === 'forbid');
  const found = new Findings();
  const aimed = new Set<PartnerPolicy>();
  let tried = 0;
  for (const request of space.requests()) {
    tried += 1;
    if ((tried * policies.length) % BREATH < policies.length)
      await new Promise((resolve) => setImmediate(resolve));
    const forbidding = forbids.filter(({ policy }) => applies(policy, request));
    const own = request.principal.id === integrationId;
    if (!own) for (const forbid of forbidding) aimed.add(forbid);
    const permitting = forbidding.length > 0 ? [] : permits.filter(({ policy }) => applies(policy, request));
    if (permitting.length === 0) continue;
    const beyond = beyondOf(request, own, grants);
    for (const policy of permitting) found.add({ request, beyond, policy }, space);
  }
  return { escapes: found.listed(), aimedAtOthers: [...aimed], undecided: null, requests: tried };
}

/** @returns the directions in which the request leaves the grant that comes closest to it */
function beyondOf(request: PolicyRequest, own: boolean, grants: readonly Grant[]): readonly Direction[] {
  const closest = grants
    .map((grant) => leaves(request, grant))
    .sort((one, other) => distance(one) - distance(other))[0] ?? [
    'resource',
    'action',
    'workspace',
    'fields',
  ];
  return own ? closest : ['principal', ...closest];
}

/** A grant on the same resource is closer than any other. */
const distance = (directions: readonly Direction[]): number =>
  directions.length + (directions.includes('resource') ? DIRECTIONS.length : 0);

function leaves(
  { action, resource, resourceWorkspace, workspace, fields }: PolicyRequest,
  grant: Grant,
): readonly Direction[] {
  const bound = grant.workspace === 'self' ? workspace : grant.workspace;
  const within: Readonly<Record<Exclude<Direction, 'principal'>, boolean>> = {
    resource: resource.type === qualified(resourceType(grant.resource)),
    action: grant.actions.includes(action.id),
    workspace: resourceWorkspace === bound,
    fields: grant.fields === null || fields.every((field) => grant.fields?.includes(field) === true),
  };
  return DIRECTIONS.filter((direction) => direction !== 'principal' && !within[direction]);
}

interface Passed {
  readonly request: PolicyRequest;
  readonly beyond: readonly Direction[];
  readonly policy: PartnerPolicy;
}

/** For each policy, direction and kind the request that leaves the grants in the fewest directions. */
class Findings {
  readonly #best = new Map<string, Escape & { readonly directions: number }>();

  add({ request, beyond, policy }: Passed, space: RequestSpace): void {
    for (const direction of beyond) {
      const unbounded = isUnnamed(direction, request, space);
      const key = `${policy.id} ${direction} ${unbounded}`;
      const best = this.#best.get(key);
      if (best === undefined || best.directions > beyond.length)
        this.#best.set(key, { direction, unbounded, witness: request, policy, directions: beyond.length });
    }
  }

  /** What has no bound in a direction need not be told that it is beyond it. */
  listed(): readonly Escape[] {
    return [...this.#best.values()]
      .filter(
        ({ policy, direction, unbounded }) => unbounded || !this.#best.has(`${policy.id} ${direction} true`),
      )
      .map(({ direction, unbounded, witness, policy }) => ({ direction, unbounded, witness, policy }))
      .sort((one, other) => DIRECTIONS.indexOf(one.direction) - DIRECTIONS.indexOf(other.direction));
  }
}

function isUnnamed(
  direction: Direction,
  { principal, action, resource, resourceWorkspace, fields }: PolicyRequest,
  { unnamed, named }: RequestSpace,
): boolean {
  switch (direction) {
    case 'principal':
      return principal.id === unnamed.principal;
    case 'resource':
      return resource.type === unnamed.resource;
    case 'action':
      return action.id === unnamed.action;
    case 'workspace':
      return !named.has(resourceWorkspace);
    case 'fields':
      return fields.includes(unnamed.field);
  }
}

/** @returns the request in words that fit a line */
export function describeRequest(request: PolicyRequest): string {
  const { principal, action, resource, resourceWorkspace, workspace, fields } = request;
  const who = `${principal.type.replace(PRINCIPAL_TYPE, 'integration')} ${principal.id}`;
  const what = `${action.id} on ${resource.type}::"${resource.id}" of workspace ${resourceWorkspace}`;
  return `${who}, at work in ${workspace}: ${what}, fields ${fields.length === 0 ? 'none' : fields.join(', ')}`;
}
