import { own, ownList, ownObject, ownText, pointerOf } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import { present, type Statement, withoutLink } from './statement.js';

const STATUSES: Readonly<Record<string, Statement['status']>> = {
  known_not_affected: 'not_affected',
  fixed: 'fixed',
  first_fixed: 'fixed',
  known_affected: 'open',
  first_affected: 'open',
  last_affected: 'open',
  under_investigation: 'open',
};

/** Whether the document is of the profile VEX of CSAF 2.0. */
export function isCsafVex(value: Json): boolean {
  const document = ownObject(value, 'document');
  return own(document, 'csaf_version') === '2.0' && own(document, 'category') === 'csaf_vex';
}

/** @returns the statements of a CSAF VEX document, one for each product of each vulnerability */
export function csafStatements(value: Json): readonly Statement[] {
  const tree = ownObject(value, 'product_tree');
  const names = productNames(tree);
  const groups = productGroups(tree);
  return ownList(value, 'vulnerabilities').flatMap((entry, index) => {
    const ids = present([ownText(entry, 'cve'), ...ownList(entry, 'ids').map((one) => ownText(one, 'text'))]);
    const reasons = reasonsOf(entry, groups);
    return Object.entries(STATUSES).flatMap(([key, status]) =>
      ownList(ownObject(entry, 'product_status'), key).flatMap((product, at) =>
        typeof product === 'string'
          ? [
              {
                pointer: pointerOf('vulnerabilities', index, 'product_status', key, at),
                ids,
                status,
                reason: reasons.get(product) ?? null,
                products: names.get(product) ?? [],
              },
            ]
          : [],
      ),
    );
  });
}

type ByProduct<Value> = ReadonlyMap<string, Value>;

/** Package URLs and references by the id that the document gives to a product. */
function productNames(tree: Json | undefined): ByProduct<readonly string[]> {
  const names = new Map<string, readonly string[]>();
  const take = (product: Json | undefined, otherwise: readonly string[]): void => {
    const id = ownText(product, 'product_id');
    const found = namesIn(ownObject(product, 'product_identification_helper'));
    if (id !== undefined) names.set(id, found.length > 0 ? found : otherwise);
  };
  for (const product of ownList(tree, 'full_product_names')) take(product, []);
  const open = [...ownList(tree, 'branches')];
  for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
    take(ownObject(branch, 'product'), []);
    for (const child of ownList(branch, 'branches')) open.push(child);
  }
  // A component of a product is meant alone, wherever it is said to be built in.
  for (const relation of ownList(tree, 'relationships'))
    take(
      ownObject(relation, 'full_product_name'),
      names.get(ownText(relation, 'product_reference') ?? '') ?? [],
    );
  return names;
}

const namesIn = (helper: Json | undefined): readonly string[] =>
  present([
    ownText(helper, 'purl'),
    ...ownList(helper, 'x_generic_uris').map((one) => ownText(one, 'uri')),
  ]).map(withoutLink);

const productGroups = (tree: Json | undefined): ByProduct<readonly Json[]> =>
  new Map(
    ownList(tree, 'product_groups').flatMap((group) => {
      const id = ownText(group, 'group_id');
      return id === undefined ? [] : [[id, ownList(group, 'product_ids')] as const];
    }),
  );

/** Why products are not affected: a flag of the profile, or else an impact in words. */
function reasonsOf(entry: Json, groups: ByProduct<readonly Json[]>): ByProduct<string> {
  const reasons = new Map<string, string>();
  const take = (about: Json, reason: string | undefined): void => {
    if (reason === undefined || reason === '') return;
    const grouped = ownList(about, 'group_ids').flatMap((id) =>
      typeof id === 'string' ? (groups.get(id) ?? []) : [],
    );
    for (const product of [...ownList(about, 'product_ids'), ...grouped])
      if (typeof product === 'string' && !reasons.has(product)) reasons.set(product, reason);
  };
  for (const flag of ownList(entry, 'flags')) take(flag, ownText(flag, 'label'));
  for (const threat of ownList(entry, 'threats'))
    if (own(threat, 'category') === 'impact') take(threat, ownText(threat, 'details'));
  return reasons;
}
