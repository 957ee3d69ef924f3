import { isObject, own, ownText, pointerOf } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import type { Declared } from '../manifest/declared.js';
import { DATA_CLASSES, PERSONAL } from '../manifest/stores.js';
import type { CheckRun } from '../run/check-run.js';
import { schemaAt } from './event-changes.js';

const WHY = 'How data is treated follows from its class; a class that is too low takes protection from it.';
/** Formats of JSON Schema that only data of persons has. */
const PERSONAL_FORMATS = new Set(['email', 'idn-email']);
const SOUNDS_PERSONAL =
  /^(?:e?mail|phone|mobile|(?:first|last|full|sur)name|birth(?:date|day)|dateofbirth|passport|ssn|iban|cardnumber|creditcard|ipaddress)$/;

type Access = Declared['dataAccess'][number];

/** DA706: a field of a class that is higher than its store is declared with, as schemas mark it or as its name sounds. */
export async function checkDataClasses(run: CheckRun): Promise<void> {
  const accesses = run.declared.dataAccess;
  if (accesses.length === 0) return;
  const marked = await markedProperties(run, new Set(accesses.flatMap(({ fields }) => fields.map(lastName))));
  for (const [index, access] of accesses.entries())
    for (const field of access.fields) {
      const higher = (marked.get(lastName(field)) ?? []).find(({ kind }) => rank(kind) > rank(access.class));
      if (higher !== undefined) await tooLow(run, { index, access, field }, higher);
      else if (!PERSONAL.has(access.class) && SOUNDS_PERSONAL.test(plain(field)))
        await tooLow(run, { index, access, field }, { kind: 'personal', sure: false, where: 'its name' });
    }
}

const rank = (kind: string): number => (DATA_CLASSES as readonly string[]).indexOf(kind);
const lastName = (field: string): string => field.split('.').at(-1) ?? field;
const plain = (field: string): string =>
  lastName(field)
    .replace(/[^a-z]/gi, '')
    .toLowerCase();

/** A property of a schema that says what class it is of. */
interface Marked {
  readonly kind: string;
  /** Written as `x-data-class`; otherwise its format says so. */
  readonly sure: boolean;
  readonly where: string;
}

/** @returns the marked properties of contracts and event schemas, by name */
async function markedProperties(
  run: CheckRun,
  names: ReadonlySet<string>,
): Promise<ReadonlyMap<string, readonly Marked[]>> {
  const found = new Map<string, Marked[]>();
  const look = (root: Json, file: string): void => {
    for (const { name, schema, pointer } of propertiesIn(root)) {
      const marked = names.has(name) ? markOf(schema, `${file}#${pointer}`) : null;
      if (marked !== null) found.set(name, [...(found.get(name) ?? []), marked]);
    }
  };
  for (const { root, path } of await run.inspection.contracts()) if (root !== null) look(root, path);
  for (const { schema } of [...run.declared.subscribes, ...run.declared.publishes]) {
    const named = await schemaAt(run.inspection, schema);
    if (named !== null && named.root !== null) look(named.root, named.path);
  }
  return found;
}

function markOf(schema: Json, where: string): Marked | null {
  const kind = ownText(schema, 'x-data-class');
  if (kind !== undefined && rank(kind) >= 0) return { kind, sure: true, where };
  return PERSONAL_FORMATS.has(ownText(schema, 'format') ?? '')
    ? { kind: 'personal', sure: false, where }
    : null;
}

interface Property {
  readonly name: string;
  readonly schema: Json;
  readonly pointer: string;
}

/** Walks without recursion: documents may be deep. */
function* propertiesIn(root: Json): Generator<Property> {
  const open: { value: Json; pointer: string }[] = [{ value: root, pointer: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, pointer } = next;
    const properties = own(value, 'properties');
    if (isObject(properties))
      for (const [name, schema] of Object.entries(properties))
        yield { name, schema: schema as Json, pointer: pointer + pointerOf('properties', name) };
    if (isObject(value) || Array.isArray(value))
      for (const [name, child] of Object.entries(value))
        open.push({ value: child as Json, pointer: pointer + pointerOf(name) });
  }
}

async function tooLow(
  run: CheckRun,
  { index, access, field }: { index: number; access: Access; field: string },
  { kind, sure, where }: Marked,
): Promise<void> {
  await run.add(sure ? 'blocks' : 'warns', 'DA706', {
    pointer: pointerOf('dataAccess', index, 'class'),
    subject: `${access.store} ${field}`,
    message: `${access.store} is declared as ${access.class}, and its field ${field} is ${kind} by ${where}.`,
    why: WHY,
    remedy: sure
      ? `Declare the field in an entry of class ${kind}.`
      : `Declare the field in an entry of class ${kind}, or mark it in the schema with x-data-class.`,
  });
}
