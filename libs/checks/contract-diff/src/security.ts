import { at, isObject, own, ownList, ownObject, ownText, pointerOf } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import type { Contract, Operation } from './contract.js';
import type { Comparison } from './report.js';

/** A scheme that is asked for, with the scopes. */
interface Asked {
  /** What it is, whatever it is called. */
  readonly kind: string;
  readonly scopes: readonly string[];
  /** Ways to come by a token, with their addresses; empty where the scheme has none. */
  readonly flows: ReadonlyMap<string, string>;
}

/** One way to be let in: schemes that are all needed. */
interface Alternative {
  readonly name: string;
  readonly schemes: readonly Asked[];
}

/** Ways to be let in are alternatives: an old one must still be enough. */
export function compareSecurity(comparison: Comparison, base: Operation, revision: Operation): void {
  const before = alternativesOf(comparison.base.contract, base);
  const after = alternativesOf(comparison.revision.contract, revision);
  const pointer = Object.hasOwn(revision.value, 'security') ? `${revision.pointer}/security` : '/security';
  for (const old of before) {
    if (after.some((now) => isEnough(old, now))) continue;
    const [id, text] = lost(old, after);
    comparison.report(id, 'error', { pointer, subject: old.name, text });
  }
  if (!before.some((old) => after.some((now) => isEnough(old, now)))) return;
  for (const now of after)
    if (!before.some((old) => sameKinds(old, now)))
      comparison.report('api-security-added', 'info', {
        pointer,
        subject: now.name,
        text: `${now.name} is a new way to be let in`,
      });
}

function lost(old: Alternative, after: readonly Alternative[]): readonly [id: string, text: string] {
  if (old.schemes.length === 0)
    return ['api-security-added', 'calls without credentials are no longer let in'];
  const alike = after.filter((now) => sameKinds(old, now));
  if (alike.length === 0) return ['api-security-removed', `${old.name} is no longer enough to be let in`];
  return alike.some((now) => keepsFlows(old, now))
    ? ['api-security-scope-added', `${old.name} needs more scopes than before`]
    : ['api-security-oauth-flow-removed', `a way to come by a token of ${old.name} was removed or moved`];
}

/** Who has the old one has all that the new one asks for. */
const isEnough = (old: Alternative, now: Alternative): boolean =>
  now.schemes.every((asked) =>
    old.schemes.some(
      (had) =>
        had.kind === asked.kind &&
        asked.scopes.every((scope) => had.scopes.includes(scope)) &&
        keepsAll(had.flows, asked.flows),
    ),
  );

/** A client knows one of the flows; which one, nobody can tell. */
const keepsAll = (was: Asked['flows'], is: Asked['flows']): boolean =>
  [...was].every(([flow, addresses]) => is.get(flow) === addresses);

const keepsFlows = (old: Alternative, now: Alternative): boolean =>
  old.schemes.every((had) =>
    now.schemes.some((asked) => asked.kind === had.kind && keepsAll(had.flows, asked.flows)),
  );

const sameKinds = (one: Alternative, other: Alternative): boolean => kindsOf(one) === kindsOf(other);
const kindsOf = ({ schemes }: Alternative): string =>
  schemes
    .map(({ kind }) => kind)
    .sort()
    .join('\n');

function alternativesOf(contract: Contract, operation: Operation): readonly Alternative[] {
  const listed = Object.hasOwn(operation.value, 'security')
    ? ownList(operation.value, 'security')
    : ownList(contract.root, 'security');
  const alternatives = listed.filter(isObject).map((alternative) => ({
    name: Object.keys(alternative).join(' and ') || 'anonymous',
    schemes: Object.entries(alternative).map(([name, scopes]) => askedFor(contract, name, scopes)),
  }));
  return alternatives.length === 0 ? [{ name: 'anonymous', schemes: [] }] : alternatives;
}

function askedFor(contract: Contract, name: string, scopes: Json): Asked {
  const pointer = pointerOf('components', 'securitySchemes', name);
  const { value } = contract.resolve(at(contract.root, pointer) as Json, pointer);
  return {
    kind: kindOf(value, name),
    scopes: Array.isArray(scopes) ? scopes.filter((scope): scope is string => typeof scope === 'string') : [],
    flows: new Map(
      Object.entries(ownObject(value, 'flows')).map(([flow, about]) => [
        flow,
        JSON.stringify([own(about, 'authorizationUrl') ?? null, own(about, 'tokenUrl') ?? null]),
      ]),
    ),
  };
}

function kindOf(value: JsonObject, name: string): string {
  const type = ownText(value, 'type');
  if (type === undefined) return name;
  const place = type === 'apiKey' ? [own(value, 'in') ?? '', keyName(value)] : [];
  const scheme = type === 'http' ? [(ownText(value, 'scheme') ?? '').toLowerCase()] : [];
  const issuer = type === 'openIdConnect' ? [own(value, 'openIdConnectUrl') ?? ''] : [];
  return JSON.stringify([type, ...place, ...scheme, ...issuer]);
}

/** Header names have no case. */
const keyName = (value: JsonObject): string => {
  const name = ownText(value, 'name') ?? '';
  return ownText(value, 'in') === 'header' ? name.toLowerCase() : name;
};
