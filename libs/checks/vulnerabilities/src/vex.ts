import { own, ownList, ownObject, ownText, pointerOf } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import type { Component } from './component.js';
import { csafStatements, isCsafVex } from './csaf.js';
import { readPurl } from './purl.js';
import { isSpdx3 } from './spdx3.js';
import { spdx3Statements } from './spdx3-statements.js';
import { present, type Statement, withoutLink } from './statement.js';

/** @returns the statements of a document of a form that is known; null for any other */
export function readStatements(value: Json): readonly Statement[] | null {
  if (ownText(value, '@context')?.startsWith('https://openvex.dev/ns') === true) return openVex(value);
  if (ownText(value, 'bomFormat') === 'CycloneDX') return cycloneDxStatements(value);
  if (isSpdx3(value)) return spdx3Statements(value);
  return isCsafVex(value) ? csafStatements(value) : null;
}

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

/** Only those that judge their vulnerability: others list it. */
function cycloneDxStatements(value: Json): readonly Statement[] {
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
