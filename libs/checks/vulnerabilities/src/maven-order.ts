/** Maven's version order, as its `ComparableVersion` documents it: qualifiers have ranks, `-` and a change between digits and letters open a list. */
type Item = bigint | string | readonly Item[];
type List = Item[];

const QUALIFIERS = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const RELEASE = String(QUALIFIERS.indexOf(''));
const ALIASES = new Map([
  ['ga', ''],
  ['final', ''],
  ['release', ''],
  ['cr', 'rc'],
]);
/** Short for a qualifier only where a number follows: `1-a2`. */
const SHORT = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m', 'milestone'],
]);

/** @returns negative, zero or positive; null for what is empty or holds other signs than versions do */
export function compareMaven(a: string, b: string): number | null {
  if (!/^[\w.+-]+$/.test(a) || !/^[\w.+-]+$/.test(b)) return null;
  return compareItems(parsed(a), parsed(b));
}

const PART = /[.-]|\d+|[^\d.-]+/g;

/** Lists that are open while a version is read. */
class Lists {
  readonly root: List = [];
  readonly #all: List[] = [this.root];

  add(item: Item): void {
    this.#all.at(-1)?.push(item);
  }

  open(): void {
    const inner: List = [];
    this.add(inner);
    this.#all.push(inner);
  }

  close(): Item {
    for (const list of this.#all.toReversed()) trim(list);
    return this.root;
  }
}

function parsed(version: string): Item {
  const lists = new Lists();
  const parts = version.toLowerCase().match(PART) ?? [];
  for (const [index, part] of parts.entries()) {
    const afterSeparator = index === 0 || isSeparator(parts[index - 1]);
    if (isSeparator(part)) {
      if (afterSeparator) lists.add(0n);
      if (part === '-') lists.open();
      continue;
    }
    if (!afterSeparator) lists.open();
    lists.add(isNumber(part) ? BigInt(part) : qualifier(part, isNumber(parts[index + 1])));
  }
  return lists.close();
}

const isNumber = (part: string | undefined): boolean => part !== undefined && /^\d/.test(part);
const isSeparator = (part: string | undefined): boolean => part === '.' || part === '-';

function qualifier(text: string, beforeNumber: boolean): string {
  const long = beforeNumber ? (SHORT.get(text) ?? text) : text;
  return ALIASES.get(long) ?? long;
}

/** Zeros and releases at the end say nothing: `1.0` is `1`. */
function trim(list: List): void {
  for (let index = list.length - 1; index >= 0; index -= 1) {
    const item = list[index];
    if (isNull(item)) list.splice(index, 1);
    else if (!Array.isArray(item)) break;
  }
}

const isNull = (item: Item | undefined): boolean =>
  Array.isArray(item) ? item.length === 0 : item === 0n || item === '';

const rank = (text: string): string => {
  const index = QUALIFIERS.indexOf(text);
  return index === -1 ? `${QUALIFIERS.length}-${text}` : String(index);
};

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Text before list before number; what is missing counts as a release. */
function compareItems(a: Item | undefined, b: Item | undefined): number {
  if (a === undefined) return b === undefined ? 0 : -withNothing(b);
  if (b === undefined) return withNothing(a);
  return kindOf(a) === kindOf(b) ? compareAlike(a, b) : kindOf(a) - kindOf(b);
}

function compareAlike(a: Item, b: Item): number {
  if (typeof a === 'bigint') return a < (b as bigint) ? -1 : Number(a > (b as bigint));
  return typeof a === 'string' ? byText(rank(a), rank(b as string)) : compareLists(a, b as readonly Item[]);
}

function compareLists(a: readonly Item[], b: readonly Item[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const order = compareItems(a[index], b[index]);
    if (order !== 0) return order;
  }
  return 0;
}

const kindOf = (item: Item): number => (typeof item === 'string' ? 0 : Array.isArray(item) ? 1 : 2);

function withNothing(item: Item): number {
  if (typeof item === 'bigint') return item === 0n ? 0 : 1;
  if (typeof item === 'string') return byText(rank(item), RELEASE);
  return item.map(withNothing).find((order) => order !== 0) ?? 0;
}
