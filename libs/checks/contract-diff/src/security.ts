import { at, isObject, own, ownList, ownText, pointerOf } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import type { Contract, Operation } from './contract.js';
import type { Comparison } from './report.js';

/** One way to be let in: schemes that are all needed, each with its scopes. */
interface Alternative {
  readonly name: string;
  readonly schemes: ReadonlyMap<string, readonly string[]>;
}

/** Ways to be let in are alternatives: an old one must still be enough. Schemes are known by what they are, not by their name. */
export function compareSecurity(comparison: Comparison, base: Operation, revision: Operation): void {
  const before = alternativesOf(comparison.base.contract, base);
  const after = alternativesOf(comparison.revision.contract, revision);
  const pointer = Object.hasOwn(revision.value, 'security') ? `${revision.pointer}/security` : '/security';
  const say = (id: string, level: 'error' | 'info', name: string, text: string): void =>
    comparison.report(id, level, { pointer, subject: name, text });
  for (const old of before) {
    if (after.some((now) => isEnough(old, now))) continue;
    const withMore = after.find((now) => sameSchemes(old, now));
    if (old.schemes.size === 0)
      say('api-security-added', 'error', 'anonymous', 'calls without credentials are no longer let in');
    else if (withMore === undefined)
      say('api-security-removed', 'error', old.name, `${old.name} is no longer enough to be let in`);
    else say('api-security-scope-added', 'error', old.name, `${old.name} needs more scopes than before`);
  }
  for (const now of after)
    if (
      !before.some((old) => sameSchemes(old, now)) &&
      before.some((old) => after.some((other) => isEnough(old, other)))
    )
      say('api-security-added', 'info', now.name, `${now.name} is a new way to be let in`);
}

/** Who has the old one has all that the new one asks for. */
const isEnough = (old: Alternative, now: Alternative): boolean =>
  [...now.schemes].every(([scheme, scopes]) => {
    const had = old.schemes.get(scheme);
    return had !== undefined && scopes.every((scope) => had.includes(scope));
  });

const sameSchemes = (one: Alternative, other: Alternative): boolean =>
  one.schemes.size === other.schemes.size &&
  [...one.schemes.keys()].every((scheme) => other.schemes.has(scheme));

function alternativesOf(contract: Contract, operation: Operation): readonly Alternative[] {
  const listed = Object.hasOwn(operation.value, 'security')
    ? ownList(operation.value, 'security')
    : ownList(contract.root, 'security');
  const alternatives = listed.filter(isObject).map((alternative) => ({
    name: Object.keys(alternative).join(' and ') || 'anonymous',
    schemes: new Map(
      Object.entries(alternative).map(([name, scopes]) => [
        schemeKey(contract, name),
        Array.isArray(scopes) ? scopes.filter((scope): scope is string => typeof scope === 'string') : [],
      ]),
    ),
  }));
  return alternatives.length === 0 ? [{ name: 'anonymous', schemes: new Map() }] : alternatives;
}

function schemeKey(contract: Contract, name: string): string {
  const pointer = pointerOf('components', 'securitySchemes', name);
  const { value } = contract.resolve(at(contract.root, pointer) as Json, pointer);
  const type = ownText(value, 'type');
  if (type === undefined) return name;
  const place = type === 'apiKey' ? [own(value, 'in') ?? '', own(value, 'name') ?? ''] : [];
  const scheme = type === 'http' ? [(ownText(value, 'scheme') ?? '').toLowerCase()] : [];
  const issuer = type === 'openIdConnect' ? [own(value, 'openIdConnectUrl') ?? ''] : [];
  return JSON.stringify([type, ...place, ...scheme, ...issuer]);
}
