import { own, ownList, ownObject, ownText, pointerOf } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import type { Component } from './bill.js';
import { readPurl } from './purl.js';

/** What a VEX document says about one vulnerability in some components. */
export interface Statement {
  readonly pointer: string;
  /** The vulnerability, under every name that the statement gives it. */
  readonly ids: readonly string[];
  /** `open`: it is affected, or being looked into; this outweighs any other statement. */
  readonly status: 'not_affected' | 'fixed' | 'open';
  /** Null: it gives none. */
  readonly reason: string | null;
  /** Package URLs and references of components. */
  readonly products: readonly string[];
}

/** @returns the statements of an OpenVEX or CycloneDX document; null where it is neither */
export function readStatements(value: Json): readonly Statement[] | null {
  if (ownText(value, '@context')?.startsWith('https://openvex.dev/ns') === true) return openVex(value);
  return ownText(value, 'bomFormat') === 'CycloneDX' ? cycloneDxStatements(value) : null;
}

const present = (values: readonly (string | undefined)[]): readonly string[] =>
  values.filter((text): text is string => text !== undefined && text !== '');
const textsOf = (values: readonly Json[]): readonly string[] =>
  values.filter((text): text is string => typeof text === 'string');

function openVex(value: Json): readonly Statement[] {
  return ownList(value, 'statements').map((entry, index) => {
    const named = own(entry, 'vulnerability');
    const ids =
      typeof named === 'string'
        ? [named]
        : [...present([ownText(named, 'name')]), ...textsOf(ownList(named, 'aliases'))];
    const status = ownText(entry, 'status');
    return {
      pointer: pointerOf('statements', index),
      ids,
      status: status === 'not_affected' || status === 'fixed' ? status : 'open',
      reason: ownText(entry, 'justification') ?? ownText(entry, 'impact_statement') ?? null,
      products: ownList(entry, 'products').flatMap(productsOf),
    };
  });
}

/** Where parts of a product are named, the statement is about them alone. */
function productsOf(product: Json): readonly string[] {
  const parts = ownList(product, 'subcomponents');
  return (parts.length > 0 ? parts : [product]).flatMap((part) =>
    typeof part === 'string'
      ? [part]
      : present([ownText(part, '@id'), ownText(ownObject(part, 'identifiers'), 'purl')]),
  );
}

const STATES: Readonly<Record<string, Statement['status']>> = {
  not_affected: 'not_affected',
  false_positive: 'not_affected',
  resolved: 'fixed',
  resolved_with_pedigree: 'fixed',
};

/** @returns the statements of a CycloneDX document that judge their vulnerability: others only list it */
export function cycloneDxStatements(value: Json): readonly Statement[] {
  return ownList(value, 'vulnerabilities').flatMap((entry, index) => {
    const analysis = ownObject(entry, 'analysis');
    const state = ownText(analysis, 'state');
    if (state === undefined) return [];
    const affected = ownList(entry, 'affects').filter((affect) => ownList(affect, 'versions').length === 0);
    const references = ownList(entry, 'references').map((reference) => ownText(reference, 'id'));
    return [
      {
        pointer: pointerOf('vulnerabilities', index),
        ids: present([ownText(entry, 'id'), ...references]),
        status: Object.hasOwn(STATES, state) ? (STATES[state] ?? 'open') : 'open',
        reason: ownText(analysis, 'justification') ?? ownText(analysis, 'detail') ?? null,
        products: present(affected.map((affect) => ownText(affect, 'ref'))).map(withoutLink),
      },
    ];
  });
}

/** `urn:cdx:<serial>/<version>#<ref>` names a component of another document. */
const withoutLink = (reference: string): string => {
  const fragment = /^urn:cdx:[^#]+#(.+)$/.exec(reference)?.[1];
  if (fragment === undefined) return reference;
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
};

/** A package URL in a form that can be compared; without a version it stands for all of them. */
function productKey(text: string): string {
  const read = text.startsWith('pkg:') ? readPurl(text) : null;
  return read === null ? text : `${read.type} ${read.name} ${read.version ?? '*'}`;
}

/** @returns under which names a statement can speak of the component */
export function namesOf(
  { package: named, reference }: Component,
  subject: readonly string[],
): ReadonlySet<string> {
  const names = new Set([...subject, ...(reference === null ? [] : [reference])].map(productKey));
  if (named === null) return names;
  names.add(`${named.type} ${named.name} *`);
  names.add(`${named.type} ${named.name} ${named.version ?? ''}`);
  return names;
}

/** @returns what the products of a statement come to, made once for many comparisons */
export const productKeys = ({ products }: Statement): ReadonlySet<string> =>
  new Set(products.map(productKey));
