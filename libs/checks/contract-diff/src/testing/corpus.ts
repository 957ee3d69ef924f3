import type { JsonObject } from '@kwanus/kernel';
import type { OperationChange } from './edits.js';
import { NOTICED_CHANGES } from './operation-changes.js';
import { type Label, type Side, writtenRule } from './rule-table.js';
import { SCHEMA_CHANGES, type SchemaChange } from './schema-changes.js';
import { bodiesIn, operationsIn, planted, type Site, sitesIn } from './sites.js';
import { UNNOTICED_CHANGES } from './unnoticed-changes.js';

/** Two versions of a real description that differ in one thing, and what the written rule says of it. */
export interface LabelledPair {
  readonly name: string;
  readonly rule: string;
  readonly base: JsonObject;
  readonly revision: JsonObject;
  readonly label: Label;
  /** Where it has to be reported; null: anywhere. */
  readonly operation: string | null;
}

const SITES_OF_A_CHANGE = 4;
const OPERATIONS_OF_A_CHANGE = 2;

export const OPERATION_CHANGES: readonly OperationChange[] = [...NOTICED_CHANGES, ...UNNOTICED_CHANGES];

/** A real description. */
export interface Description {
  readonly name: string;
  readonly document: JsonObject;
}

/** @returns one pair for each change, side and place, the places taken evenly from the descriptions */
export const corpus = (all: readonly Description[], rule: Rule): readonly LabelledPair[] => [
  ...schemaPairs(all, rule),
  ...operationPairs(all, rule),
];

type Rule = ReturnType<typeof writtenRule>;

const labelOf = (rule: Rule, id: string, side: Side): Label => {
  const label = rule.get(id)?.[side];
  if (label === undefined) throw new RangeError(`The written rule has no label for ${id}, ${side}.`);
  return label;
};

function schemaPairs(all: readonly Description[], rule: Rule): readonly LabelledPair[] {
  const sites = all.map(({ name, document }) => ({
    name,
    document,
    inside: bodiesIn(document).flatMap((body) => sitesIn(document, body)),
  }));
  return SCHEMA_CHANGES.flatMap((change) =>
    (['sent', 'received'] as const).flatMap((side) =>
      sites
        .flatMap(({ name, document, inside }) => {
          const suiting = inside.filter(
            ({ body, schema }) => body.side === side && change.suits(schema, side),
          );
          for (const site of suiting.reverse()) {
            const pair = schemaPair({ name, document }, site, change);
            if (JSON.stringify(pair.base) !== JSON.stringify(pair.revision))
              return [{ ...pair, label: labelOf(rule, change.id, side) }];
          }
          return [];
        })
        .slice(0, SITES_OF_A_CHANGE),
    ),
  );
}

function schemaPair(
  { name, document }: Description,
  site: Site,
  { id, base, revision }: SchemaChange,
): Omit<LabelledPair, 'label'> {
  const { side, operation } = site.body;
  const before = base?.(site.schema, side) ?? site.schema;
  return {
    name: `${id}, ${side}, ${name} ${placeOf(site)}`,
    rule: id,
    base: base === undefined ? document : planted(document, site, before),
    revision: planted(document, site, revision(before as typeof site.schema, side)),
    operation,
  };
}

const placeOf = ({ body, inside }: Site): string => `${body.operation} /${inside.join('/')}`;

function operationPairs(all: readonly Description[], rule: Rule): readonly LabelledPair[] {
  return OPERATION_CHANGES.flatMap((change) =>
    all
      .flatMap(({ name, document }) => {
        for (const operation of operationsIn(document)) {
          const made = change.make(document, operation);
          if (made !== null) return [{ name, operation, made }];
        }
        return [];
      })
      .slice(0, OPERATIONS_OF_A_CHANGE)
      .map(
        ({ name, operation, made: [base, revision] }): LabelledPair => ({
          name: `${change.id}, ${name} ${operation.name}`,
          rule: change.id,
          base,
          revision,
          label: labelOf(rule, change.id, 'effect'),
          operation: null,
        }),
      ),
  );
}
