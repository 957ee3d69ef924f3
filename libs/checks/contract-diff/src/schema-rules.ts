import { isObject, own } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import { sameSchema } from './equal.js';
import { type Comparison, narrowed, widened } from './report.js';
import type { SchemaNode, Shape } from './shape.js';
import { ContractTooComplex, type Place } from './types.js';
import { compareValues, openEnd, type Pair } from './value-rules.js';

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
    if ((pair.base.variants === null) !== (pair.revision.variants === null))
      return this.#variants(pair, [base, revision], depth);
    this.#properties(pair, depth);
    this.#additional(pair, depth);
    this.#items(pair, depth);
    if (pair.base.variants !== null) this.#variants(pair, [base, revision], depth);
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
      if (later === undefined) this.#propertyRemoved(pair, inside, node);
      else {
        this.#requiredness(pair, inside, name);
        if (!this.#invisible(inside, node, later)) this.compare(node, later, inside, depth + 1);
      }
    }
    for (const [name, node] of revision.properties)
      if (!base.properties.has(name)) this.#propertyAdded(pair, inner(pair, name, false), [name, node]);
    if (place.direction === 'request') this.#requiredWithoutProperty(pair);
  }

  /** readOnly says nothing about requests, writeOnly nothing about responses. */
  #invisible({ direction }: Place, base: SchemaNode, revision: SchemaNode): boolean {
    const key = direction === 'request' ? 'readOnly' : 'writeOnly';
    return this.comparison.base.of(base)[key] && this.comparison.revision.of(revision)[key];
  }

  #propertyAdded({ base, revision }: Pair, place: Place, [name, node]: readonly [string, SchemaNode]): void {
    const shape = this.comparison.revision.of(node);
    const required = revision.required.has(name);
    const remark = { pointer: node.pointer, subject: place.label };
    if (place.direction === 'response') {
      if (shape.writeOnly) return;
      const id = required ? 'response-required-property-added' : 'response-optional-property-added';
      return this.comparison.report(id, 'info', {
        ...remark,
        text: `${place.label}: was added to the response`,
      });
    }
    if (shape.readOnly) return;
    if (required && !base.required.has(name)) {
      const safe = shape.hasDefault;
      return this.comparison.report(
        safe ? 'new-required-request-property-with-default' : 'new-required-request-property',
        safe ? 'info' : 'error',
        {
          ...remark,
          text: `${place.label}: is a new property that requests must have${safe ? ', with a default' : ''}`,
        },
      );
    }
    this.comparison.report('new-optional-request-property', 'info', {
      ...remark,
      text: `${place.label}: is a new property that requests may have`,
    });
  }

  #propertyRemoved({ base, revision }: Pair, place: Place, node: SchemaNode): void {
    const shape = this.comparison.base.of(node);
    const remark = { pointer: node.pointer, side: 'base' as const, subject: place.label };
    if (place.direction === 'response') {
      if (shape.writeOnly) return;
      return this.comparison.report(
        place.required ? 'response-required-property-removed' : 'response-optional-property-removed',
        place.required ? 'error' : 'warning',
        { ...remark, text: `${place.label}: was removed from the response` },
      );
    }
    if (shape.readOnly) return;
    const closed = revision.additional === 'forbidden' && base.variants === null;
    this.comparison.report('request-property-removed', closed ? 'error' : 'warning', {
      ...remark,
      text: `${place.label}: was removed from the request${closed ? ', which takes no unknown properties' : ''}`,
    });
  }

  #requiredness(pair: Pair, place: Place, name: string): void {
    const { base, revision } = pair;
    const was = base.required.has(name);
    if (was === revision.required.has(name)) return;
    const node = revision.properties.get(name);
    if (node === undefined) return;
    const shape = this.comparison.revision.of(node);
    const remark = { pointer: node.pointer, subject: place.label };
    if (place.direction === 'request') {
      if (shape.readOnly) return;
      const id = was
        ? 'became-optional'
        : shape.hasDefault
          ? 'became-required-with-default'
          : 'became-required';
      const level = was || shape.hasDefault ? 'info' : 'error';
      return this.comparison.report(`${place.kind}-${id}`, level, {
        ...remark,
        text: `${place.label}: ${was ? 'may be left out now' : 'must be given now'}`,
      });
    }
    if (shape.writeOnly) return;
    this.comparison.report(`${place.kind}-became-${was ? 'optional' : 'required'}`, was ? 'error' : 'info', {
      ...remark,
      text: `${place.label}: ${was ? 'may be missing now' : 'is always there now'}`,
    });
  }

  #requiredWithoutProperty({ base, revision, place }: Pair): void {
    for (const name of revision.required)
      if (!base.required.has(name) && !revision.properties.has(name))
        this.comparison.report('new-required-request-property', 'error', {
          pointer: `${revision.pointer}/required`,
          subject: `${place.label}/${name}`,
          text: `${place.label}/${name}: requests must have it now`,
        });
  }

  #additional(pair: Pair, depth: number): void {
    const { base, revision, place } = pair;
    const open = (shape: Shape): boolean => shape.additional !== 'forbidden';
    const remark = { pointer: revision.pointer, subject: place.label };
    if (open(base) && !open(revision)) {
      const said = base.additional !== 'implicit';
      const level = place.direction === 'response' ? 'info' : said ? 'error' : 'warning';
      this.comparison.report(`${place.kind}-additional-properties-forbidden`, level, {
        ...remark,
        text: `${place.label}: takes no unknown properties any more`,
      });
    } else if (!open(base) && open(revision)) {
      this.comparison.report(
        `${place.kind}-additional-properties-allowed`,
        place.direction === 'request' ? 'info' : 'warning',
        {
          ...remark,
          text: `${place.label}: may have unknown properties now`,
        },
      );
    } else if (typeof base.additional === 'object' || typeof revision.additional === 'object') {
      this.compare(nodeOf(base), nodeOf(revision), inner(pair, '*', false), depth + 1);
    }
  }

  #items(pair: Pair, depth: number): void {
    const { base, revision } = pair;
    if (base.items === null && revision.items === null) return;
    const missing = (shape: Shape): SchemaNode => ({ schema: true, pointer: shape.pointer });
    this.compare(
      base.items ?? missing(base),
      revision.items ?? missing(revision),
      inner(pair, '[]', false),
      depth + 1,
    );
  }

  #variants(pair: Pair, [baseNode, revisionNode]: readonly [SchemaNode, SchemaNode], depth: number): void {
    const { base, revision, place } = pair;
    if (allowsAnything(base) || allowsAnything(revision))
      return this.#said(
        `${place.kind}-type-changed`,
        allowsAnything(base) ? narrowed(place) : widened(place),
        revision,
        place,
      );
    const kind = revision.variants?.kind ?? base.variants?.kind ?? 'one-of';
    const { gone, come, pairs } = this.#matched(
      base.variants?.nodes ?? [baseNode],
      revision.variants?.nodes ?? [revisionNode],
      place,
    );
    for (const [one, other] of pairs) this.compare(one, other, place, depth + 1);
    for (const node of gone)
      this.comparison.report(`${place.kind}-${kind}-removed`, narrowed(place), {
        pointer: node.pointer,
        side: 'base',
        subject: `${place.label}|${variantName(node)}`,
        text: `${place.label}: the alternative ${variantName(node)} was removed`,
      });
    for (const node of come)
      this.comparison.report(
        `${place.kind}-${kind}-added`,
        openEnd(this.comparison, place, { extensible: false }),
        {
          pointer: node.pointer,
          subject: `${place.label}|${variantName(node)}`,
          text: `${place.label}: the alternative ${variantName(node)} was added`,
        },
      );
  }

  /** Alternatives that are the same, those with one name, those that fit without breaking; a last one each; the rest came or went. */
  #matched(before: readonly SchemaNode[], after: readonly SchemaNode[], place: Place): Matched {
    const gone = [...before];
    const come = [...after];
    const pairs: [SchemaNode, SchemaNode][] = [];
    const pairUp = (fits: (one: SchemaNode, other: SchemaNode) => boolean, keep = true): void => {
      for (const one of [...gone]) {
        const other = come.find((candidate) => fits(one, candidate));
        if (other === undefined) continue;
        gone.splice(gone.indexOf(one), 1);
        come.splice(come.indexOf(other), 1);
        if (keep) pairs.push([one, other]);
      }
    };
    pairUp((one, other) => sameSchema(this.comparison, one, other), false);
    pairUp((one, other) => variantName(one) === variantName(other) && !variantName(one).startsWith('#'));
    if (gone.length * come.length <= MAX_TRIED) pairUp((one, other) => this.#fits(one, other, place));
    if (gone.length === 1 && come.length === 1) pairUp(() => true);
    return { gone, come, pairs };
  }

  #fits(one: SchemaNode, other: SchemaNode, place: Place): boolean {
    const walk = new SchemaWalk(this.comparison, this);
    return !this.comparison
      .tried(() => walk.compare(one, other, place, 0))
      .some(({ level }) => level === 'error');
  }

  #discriminator({ base, revision, place }: Pair): void {
    if (base.discriminator === revision.discriminator) return;
    if (base.discriminator === null || revision.discriminator === null) {
      const level = base.discriminator === null ? narrowed(place) : widened(place);
      return this.#said(
        `${place.kind}-discriminator-${base.discriminator === null ? 'added' : 'removed'}`,
        level === 'error' ? 'warning' : 'info',
        revision,
        place,
      );
    }
    this.#said(`${place.kind}-discriminator-property-name-changed`, 'error', revision, place);
  }

  #said(id: string, level: 'error' | 'warning' | 'info', revision: Shape, place: Place): void {
    const what = id.slice(place.kind.length + 1).replaceAll('-', ' ');
    this.comparison.report(id, level, {
      pointer: revision.pointer,
      subject: place.label,
      text: `${place.label}: ${what}`,
    });
  }

  #opaque({ base, revision, place }: Pair): void {
    for (const key of new Set([...base.opaque.keys(), ...revision.opaque.keys()])) {
      const one = base.opaque.get(key);
      const other = revision.opaque.get(key);
      if (sameSchema(this.comparison, { schema: one, pointer: '' }, { schema: other, pointer: '' })) continue;
      const level = one === undefined ? narrowed(place) : other === undefined ? widened(place) : 'error';
      this.comparison.report(`${place.kind}-constraint-changed`, level === 'error' ? 'warning' : level, {
        pointer: revision.pointer,
        subject: `${place.label}|${key}`,
        text: `${place.label}: what \`${key}\` asks for was changed`,
      });
    }
  }
}

const nodeOf = ({ additional, pointer }: Shape): SchemaNode =>
  typeof additional === 'object' ? additional : { schema: true, pointer };

interface Matched {
  readonly gone: readonly SchemaNode[];
  readonly come: readonly SchemaNode[];
  readonly pairs: readonly (readonly [SchemaNode, SchemaNode])[];
}

const MAX_TRIED = 400;

const allowsAnything = (shape: Shape): boolean =>
  shape.variants === null &&
  shape.types === null &&
  shape.values === null &&
  shape.properties.size === 0 &&
  shape.required.size === 0 &&
  shape.opaque.size === 0;

/** The name by which an alternative is known: the end of its reference, its title, or its place. */
function variantName({ schema, pointer }: SchemaNode): string {
  const reference = isObject(schema) ? own(schema, '$ref') : undefined;
  const title: Json | undefined = isObject(schema) ? own(schema, 'title') : undefined;
  if (typeof reference === 'string') return reference.slice(reference.lastIndexOf('/') + 1);
  return typeof title === 'string' ? title : `#${pointer.slice(pointer.lastIndexOf('/') + 1)}`;
}

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
