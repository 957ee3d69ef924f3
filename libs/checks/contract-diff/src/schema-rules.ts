import { sameSchema } from './equal.js';
import type { Pair } from './pair.js';
import {
  additionalChanged,
  propertyAdded,
  propertyRemoved,
  requirednessChanged,
  requiredWithoutProperty,
} from './property-rules.js';
import { type Comparison, narrowed, widened } from './report.js';
import type { SchemaNode, Shape } from './shape.js';
import { ContractTooComplex, type Level, type Place } from './types.js';
import { compareValues } from './value-rules.js';
import { allowsAnything, matchVariants, reportVariants } from './variants.js';

const MAX_DEPTH = 300;

/** Compares two schemas at one place of an operation, with all that is inside them. */
export function compareSchemas(
  comparison: Comparison,
  base: SchemaNode,
  revision: SchemaNode,
  place: Place,
): void {
  const before = comparison.findings.length;
  const walk = new SchemaWalk(comparison);
  walk.compare(base, revision, place, 0);
  if (comparison.findings.length === before) walk.remember(place.direction);
}

/** One walk compares every pair of schemas once; what was found the same is remembered over all operations. */
class SchemaWalk {
  readonly #seen = new Map<object, Set<object>>();

  /** @param around the walk that this one tries something out for; what that has begun is not begun again */
  constructor(
    readonly comparison: Comparison,
    readonly around: SchemaWalk | null = null,
  ) {}

  /** Nothing was found in the whole walk, so every pair that it met is the same. */
  remember(direction: Place['direction']): void {
    const same = this.comparison.same[direction];
    for (const [base, revisions] of this.#seen) {
      const known = same.get(base) ?? new WeakSet();
      for (const revision of revisions) known.add(revision);
      same.set(base, known);
    }
  }

  compare(base: SchemaNode, revision: SchemaNode, place: Place, depth: number): void {
    this.comparison.step();
    if (depth > MAX_DEPTH)
      throw new ContractTooComplex(`${revision.pointer} is nested more than 300 levels deep.`);
    if (this.#known(base, revision, place)) return;
    const pair: Pair = {
      base: this.comparison.base.of(base),
      revision: this.comparison.revision.of(revision),
      place,
    };
    compareValues(this.comparison, pair);
    if (pair.base.never || pair.revision.never) return;
    const [was, is] = [pair.base.variants !== null, pair.revision.variants !== null];
    if (was || is) this.#variants(pair, [base, revision], depth);
    if (was !== is) return; // one alternative is compared with many: its inside belongs to the one that it is paired with
    this.#inside(pair, depth);
  }

  #inside(pair: Pair, depth: number): void {
    this.#properties(pair, depth);
    if (!additionalChanged(this.comparison, pair)) this.#additional(pair, depth);
    this.#items(pair, depth);
    this.#discriminator(pair);
    this.#opaque(pair);
  }

  #known(base: SchemaNode, revision: SchemaNode, place: Place): boolean {
    const one = this.comparison.base.identity(base);
    const other = this.comparison.revision.identity(revision);
    if (typeof one === 'boolean' || typeof other === 'boolean') return one === other;
    if (this.comparison.same[place.direction].get(one)?.has(other) === true) return true;
    if (this.#begun(one, other)) return true;
    this.#seen.set(one, (this.#seen.get(one) ?? new Set()).add(other));
    return false;
  }

  #begun(one: object, other: object): boolean {
    return (
      this.#seen.get(one)?.has(other) === true || (this.around !== null && this.around.#begun(one, other))
    );
  }

  #properties(pair: Pair, depth: number): void {
    const { base, revision, place } = pair;
    for (const [name, node] of base.properties) {
      const inside = inner(pair, name, base.required.has(name));
      const later = revision.properties.get(name);
      if (later === undefined) propertyRemoved(this.comparison, pair, inside, node);
      else {
        requirednessChanged(this.comparison, pair, inside, name);
        if (!this.#invisible(inside, node, later)) this.compare(node, later, inside, depth + 1);
      }
    }
    for (const [name, node] of revision.properties)
      if (!base.properties.has(name))
        propertyAdded(this.comparison, pair, inner(pair, name, false), [name, node]);
    if (place.direction === 'request') requiredWithoutProperty(this.comparison, pair);
  }

  /** readOnly says nothing about requests, writeOnly nothing about responses. */
  #invisible({ direction }: Place, base: SchemaNode, revision: SchemaNode): boolean {
    const key = direction === 'request' ? 'readOnly' : 'writeOnly';
    return this.comparison.base.of(base)[key] && this.comparison.revision.of(revision)[key];
  }

  #additional(pair: Pair, depth: number): void {
    const { base, revision } = pair;
    if (typeof base.additional !== 'object' && typeof revision.additional !== 'object') return;
    this.compare(additionalNode(base), additionalNode(revision), inner(pair, '*', false), depth + 1);
  }

  #items(pair: Pair, depth: number): void {
    const { base, revision } = pair;
    if (base.items === null && revision.items === null) return;
    const any = ({ pointer }: Shape): SchemaNode => ({ schema: true, pointer });
    this.compare(
      base.items ?? any(base),
      revision.items ?? any(revision),
      inner(pair, '[]', false),
      depth + 1,
    );
  }

  #variants(pair: Pair, [base, revision]: readonly [SchemaNode, SchemaNode], depth: number): void {
    const { place } = pair;
    const anyBefore = allowsAnything(pair.base);
    if (anyBefore || allowsAnything(pair.revision))
      return this.#say(pair, 'type-changed', anyBefore ? narrowed(place) : widened(place));
    const found = matchVariants(
      this.comparison,
      pair.base.variants?.nodes ?? [withoutNull(base, pair.base)],
      pair.revision.variants?.nodes ?? [withoutNull(revision, pair.revision)],
      (one, other) => this.#fits(one, other, place),
    );
    for (const [one, other] of found.pairs) this.compare(one, other, place, depth + 1);
    reportVariants(this.comparison, pair, found);
  }

  #fits(one: SchemaNode, other: SchemaNode, place: Place): boolean {
    const walk = new SchemaWalk(this.comparison, this);
    return !this.comparison
      .tried(() => walk.compare(one, other, place, 0))
      .some(({ level }) => level === 'error');
  }

  #discriminator(pair: Pair): void {
    const { base, revision, place } = pair;
    if (base.discriminator === revision.discriminator) return;
    const softly = (level: Level): Level => (level === 'error' ? 'warning' : 'info');
    if (base.discriminator === null) this.#say(pair, 'discriminator-added', softly(narrowed(place)));
    else if (revision.discriminator === null)
      this.#say(pair, 'discriminator-removed', softly(widened(place)));
    else this.#say(pair, 'discriminator-property-name-changed', 'error');
  }

  #say({ revision, place }: Pair, what: string, level: Level): void {
    this.comparison.report(`${place.kind}-${what}`, level, {
      pointer: revision.pointer,
      subject: place.label,
      text: `${place.label}: ${what.replaceAll('-', ' ')}`,
    });
  }

  /** Keywords that are only compared for being the same: nobody can tell which way they changed. */
  #opaque({ base, revision, place }: Pair): void {
    for (const key of new Set([...base.opaque.keys(), ...revision.opaque.keys()])) {
      const one = base.opaque.get(key);
      const other = revision.opaque.get(key);
      if (sameSchema(this.comparison, { schema: one, pointer: '' }, { schema: other, pointer: '' })) continue;
      const level = one === undefined ? narrowed(place) : other === undefined ? widened(place) : 'warning';
      this.comparison.report(`${place.kind}-constraint-changed`, level === 'error' ? 'warning' : level, {
        pointer: revision.pointer,
        subject: `${place.label}|${key}`,
        text: `${place.label}: what \`${key}\` asks for was changed`,
      });
    }
  }
}

/** Whether null fits was compared for the whole already; the one alternative stands for the rest. */
const withoutNull = (node: SchemaNode, { types, nullable }: Shape): SchemaNode =>
  nullable && types !== null
    ? { schema: { type: [...types], allOf: [node.schema ?? true] }, pointer: node.pointer }
    : node;

const additionalNode = ({ additional, pointer }: Shape): SchemaNode =>
  typeof additional === 'object' ? additional : { schema: true, pointer };

const PROPERTY_KINDS: Readonly<Record<Place['kind'], Place['kind']>> = {
  'request-parameter': 'request-parameter-property',
  'request-parameter-property': 'request-parameter-property',
  'request-body': 'request-property',
  'request-property': 'request-property',
  'response-body': 'response-property',
  'response-property': 'response-property',
  'response-header': 'response-header',
};

const inner = ({ place }: Pair, name: string, required: boolean): Place => ({
  kind: PROPERTY_KINDS[place.kind],
  direction: place.direction,
  label: `${place.label}/${name}`,
  asText: false,
  required,
});
