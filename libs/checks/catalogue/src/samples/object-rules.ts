import { isObject, own, ownList, ownObject, pointerOf } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import { sizeFault } from './list-rules.js';
import type { Fault, Judged, Judgement } from './sample.js';

/** What is said of objects and their properties. */
export function objectFaults(judgement: Judgement, judged: Judged<JsonObject>): readonly Fault[] {
  const { value, schema, at } = judged;
  if (!isObject(value)) return [];
  const text = sizeFault(Object.keys(value).length, schema, ['minProperties', 'maxProperties', 'properties']);
  return [
    ...(text === null ? [] : [{ at, text }]),
    ...missing(judgement, judged, value),
    ...dependencyFaults(judgement, judged, value),
    ...(OF_PROPERTIES.some((key) => Object.hasOwn(schema, key))
      ? Object.entries(value).flatMap((property) => propertyFaults(judgement, judged, property))
      : []),
  ];
}

/** Where a schema has none of them, nothing is said of single properties. */
const OF_PROPERTIES = ['properties', 'patternProperties', 'additionalProperties', 'propertyNames'];

/** readOnly is not asked for in what is sent, nor writeOnly in what comes back; inside a schema, neither. */
function missing(
  { direction, isSent }: Judgement,
  { schema, at }: Judged<JsonObject>,
  value: JsonObject,
): readonly Fault[] {
  const properties = ownObject(schema, 'properties');
  const isHidden = (name: string): boolean =>
    (isSent && own(own(properties, name), 'default') !== undefined) ||
    (direction !== 'response' && own(own(properties, name), 'readOnly') === true) ||
    (direction !== 'request' && own(own(properties, name), 'writeOnly') === true);
  return ownList(schema, 'required')
    .filter((name): name is string => typeof name === 'string')
    .filter((name) => !Object.hasOwn(value, name) && !isHidden(name))
    .map((name) => ({ at, text: `lacks ${name}, which is required` }));
}

function propertyFaults(
  judgement: Judgement,
  { schema, at, depth }: Judged<JsonObject>,
  [name, value]: readonly [string, Json],
): readonly Fault[] {
  const place = at + pointerOf(name);
  const named = own(ownObject(schema, 'properties'), name);
  const patterned = Object.entries(ownObject(schema, 'patternProperties'))
    .filter(([pattern]) => judgement.matches(pattern, name))
    .map(([, each]) => each);
  const known = named === undefined ? patterned : [named, ...patterned];
  const further = own(schema, 'additionalProperties');
  if (known.length === 0 && further === false)
    return [{ at: place, text: 'is there, where no unknown property may be' }];
  const schemas = known.length === 0 && further !== undefined ? [further] : known;
  const names = own(schema, 'propertyNames');
  const ofName =
    names === undefined ? [] : judgement.faultsOf({ value: name, schema: names, at: place, depth });
  return [
    ...directionFaults(judgement, named, place),
    ...schemas.flatMap((each) => judgement.faultsOf({ value, schema: each, at: place, depth })),
    ...ofName.map(({ text }) => ({ at: place, text: `the name ${text}` })),
  ];
}

/** A sample that carries what its direction never has shows what never happens. */
function directionFaults(
  { direction, isSent }: Judgement,
  named: Json | undefined,
  at: string,
): readonly Fault[] {
  if (isSent) return [];
  if (direction === 'request' && own(named, 'readOnly') === true)
    return [{ at, text: 'is read-only and stands in what is sent' }];
  if (direction === 'response' && own(named, 'writeOnly') === true)
    return [{ at, text: 'is write-only and stands in what comes back' }];
  return [];
}

function dependencyFaults(
  judgement: Judgement,
  { schema, at, depth }: Judged<JsonObject>,
  value: JsonObject,
): readonly Fault[] {
  const faults: Fault[] = [];
  for (const key of ['dependentRequired', 'dependentSchemas', 'dependencies'])
    for (const [name, needed] of Object.entries(ownObject(schema, key))) {
      if (!Object.hasOwn(value, name)) continue;
      const schemaOf: Json = Array.isArray(needed) ? { required: needed } : needed;
      faults.push(...judgement.faultsOf({ value, schema: schemaOf, at, depth }));
    }
  return faults;
}
