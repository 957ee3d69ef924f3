import type { Expr, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { ACTION_TYPE, PRINCIPAL_TYPE, qualified, resourceType } from './vocabulary.js';

/** A permission as an integration holds it: bounded in every direction that a request has. */
export interface Grant {
  /** Id of the permission. */
  readonly id: string;
  readonly resource: string;
  readonly actions: readonly string[];
  /** `self`: the workspace in which the integration works; anything else is the id of the one that is meant. */
  readonly workspace: string;
  /** null: all fields. */
  readonly fields: readonly string[] | null;
  /** The moment from which it grants nothing; null: it has none. */
  readonly until: string | null;
}

/** A permission of a manifest, as far as a grant is made from it. */
export interface DeclaredPermission {
  readonly id: string;
  readonly actions: readonly string[];
  readonly scope?:
    | {
        readonly workspace?: string | undefined;
        readonly resource?: string | undefined;
        readonly fields?: readonly string[] | undefined;
      }
    | undefined;
  readonly expires?: string | undefined;
}

/** @returns what the permission grants by its own words */
export const grantOf = ({ id, actions, scope, expires }: DeclaredPermission): Grant => ({
  id,
  resource: scope?.resource ?? id.split(':', 1)[0] ?? id,
  actions: [...new Set(actions)],
  workspace: scope?.workspace ?? 'self',
  fields: scope?.fields ?? null,
  until: expires === undefined ? null : `${expires}T00:00:00Z`,
});

const attribute = (of: 'resource' | 'context', attr: string): Expr => ({ '.': { left: { Var: of }, attr } });

/** @returns the conditions of a grant, one for each bound */
export function boundsOf({ workspace, fields, until }: Grant): readonly Expr[] {
  const where: Expr = {
    '==': {
      left: attribute('resource', 'workspace'),
      right: workspace === 'self' ? attribute('context', 'workspace') : { Value: workspace },
    },
  };
  return [
    where,
    ...(fields === null
      ? []
      : [
          {
            containsAll: {
              left: { Set: fields.map((field): Expr => ({ Value: field })) },
              right: attribute('context', 'fields'),
            },
          },
        ]),
    ...(until === null
      ? []
      : [{ '<': { left: attribute('context', 'now'), right: { datetime: [{ Value: until }] } } } as Expr]),
  ];
}

const allOf = (parts: readonly Expr[]): Expr =>
  parts.reduce<Expr>((left, right) => ({ '&&': { left, right } }), { Value: true });

/** @returns the policy that permits exactly what is granted, in Cedar's JSON form */
export const permitOf = (integrationId: string, grant: Grant): PolicyJson => ({
  effect: 'permit',
  principal: { op: '==', entity: { type: PRINCIPAL_TYPE, id: integrationId } },
  action: { op: 'in', entities: grant.actions.map((id) => ({ type: ACTION_TYPE, id })) },
  resource: { op: 'is', entity_type: qualified(resourceType(grant.resource)) },
  conditions: [{ kind: 'when', body: allOf(boundsOf(grant)) }],
});

/** @returns the policy that forbids whatever no grant covers, so that a policy of a partner restricts and never widens */
export const boundaryOf = (integrationId: string, grants: readonly Grant[]): PolicyJson => ({
  effect: 'forbid',
  principal: { op: '==', entity: { type: PRINCIPAL_TYPE, id: integrationId } },
  action: { op: 'All' },
  resource: { op: 'All' },
  conditions: [
    {
      kind: 'unless',
      body: grants.map(covers).reduce<Expr>((left, right) => ({ '||': { left, right } }), { Value: false }),
    },
  ],
});

const covers = (grant: Grant): Expr =>
  allOf([
    { is: { left: { Var: 'resource' }, entity_type: qualified(resourceType(grant.resource)) } },
    {
      in: {
        left: { Var: 'action' },
        right: {
          Set: grant.actions.map((id): Expr => ({ Value: { __entity: { type: ACTION_TYPE, id } } })),
        },
      },
    },
    ...boundsOf(grant),
  ]);
