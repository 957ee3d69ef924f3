import { own, ownList, ownObject, ownText, pointerOf } from '@kwanus/checks-kit';
import { type Operation, templateNames } from './contract.js';
import { compareMedia } from './media.js';
import type { Comparison } from './report.js';
import { compareSchemas } from './schema-rules.js';
import type { Shape } from './shape.js';
import type { Shapes } from './shapes.js';
import type { SchemaNode } from './structure.js';
import { hasRunOut, sunsetOf } from './sunset.js';
import type { Level, Located, Place } from './types.js';

/** Headers that OpenAPI describes elsewhere; a parameter of that name says nothing. */
const NO_PARAMETERS = new Set(['header accept', 'header content-type', 'header authorization']);

/** @returns the parameters by place and name: of the path item, overridden by the operation's own */
function parametersOf(shapes: Shapes, operation: Operation): ReadonlyMap<string, Located> {
  const found = new Map<string, Located>();
  const names = templateNames(operation.path);
  for (const { value, pointer } of [operation.item, operation])
    for (const [index, raw] of ownList(value, 'parameters').entries()) {
      const parameter = shapes.contract.resolve(raw, pointer + pointerOf('parameters', index));
      const key = keyOf(parameter, names);
      if (key !== null && !NO_PARAMETERS.has(key)) found.set(key, parameter);
    }
  return found;
}

/** Path parameters are known by their place in the path, headers by their name without case. */
function keyOf({ value }: Located, names: readonly string[]): string | null {
  const place = ownText(value, 'in');
  const name = ownText(value, 'name');
  if (place === undefined || name === undefined) return null;
  if (place === 'path') return `path ${names.indexOf(name)}`;
  return `${place} ${place === 'header' ? name.toLowerCase() : name}`;
}

const labelOf = ({ value }: Located): string => `${ownText(value, 'in')} parameter ${ownText(value, 'name')}`;
const isRequired = ({ value }: Located): boolean =>
  own(value, 'required') === true || ownText(value, 'in') === 'path';

/** What a client must and may send beside the body. */
export function compareParameters(comparison: Comparison, base: Operation, revision: Operation): void {
  const before = parametersOf(comparison.base, base);
  const after = parametersOf(comparison.revision, revision);
  for (const [key, parameter] of before) {
    const later = after.get(key);
    if (later !== undefined) compareParameter(comparison, parameter, later);
    else parameterRemoved(comparison, parameter);
  }
  for (const [key, parameter] of after)
    if (!before.has(key))
      comparison.report(
        isRequired(parameter) ? 'new-required-request-parameter' : 'new-optional-request-parameter',
        isRequired(parameter) ? 'error' : 'info',
        {
          pointer: parameter.pointer,
          subject: labelOf(parameter),
          text: `${labelOf(parameter)}: is new${isRequired(parameter) ? ' and must be sent' : ''}`,
        },
      );
}

function parameterRemoved(comparison: Comparison, parameter: Located): void {
  const { value, pointer } = parameter;
  const announced = hasRunOut(
    { deprecated: isDeprecated(parameter), sunset: sunsetOf(value) },
    comparison.options,
  );
  comparison.report(
    announced ? 'request-parameter-removed-with-deprecation' : 'request-parameter-removed',
    announced ? 'info' : 'warning',
    { pointer, side: 'base', subject: labelOf(parameter), text: `${labelOf(parameter)}: was removed` },
  );
}

function compareParameter(comparison: Comparison, base: Located, revision: Located): void {
  const label = labelOf(revision);
  for (const [what, level, text] of parameterRules(comparison, base, revision))
    comparison.report(`request-parameter-${what}`, level, {
      pointer: revision.pointer,
      subject: label,
      text: `${label}: ${text}`,
    });
  const place: Place = {
    kind: 'request-parameter',
    direction: 'request',
    label,
    asText: true,
    required: isRequired(base),
  };
  const [was, is] = [Object.hasOwn(base.value, 'content'), Object.hasOwn(revision.value, 'content')];
  if (was && is) compareMedia(comparison, base, revision, place);
  else if (was === is)
    compareSchemas(comparison, schemaOf(base), oneOfMany(comparison, base, revision), place);
  else
    comparison.report('request-parameter-style-changed', 'error', {
      pointer: revision.pointer,
      subject: label,
      text: `${label}: is written ${is ? 'as a document of a media type' : 'as a plain value'} now`,
    });
}

/** A list that is written as a repeated parameter takes a single value too. */
function oneOfMany({ base, revision }: Comparison, was: Located, is: Located): SchemaNode {
  const schema = schemaOf(is);
  const { items, types, bounds } = revision.of(schema);
  const repeated = types?.size === 1 && types.has('array') && styleOf(is) === 'form, exploded';
  if (items === null || !repeated || !isSingle(base.of(schemaOf(was)))) return schema;
  return (bounds.get('min-items')?.value ?? 0) <= 1 ? items : schema;
}

const isSingle = ({ types }: Shape): boolean => types !== null && !types.has('array') && !types.has('object');

type ParameterRule = readonly [what: string, level: Level, text: string];

function parameterRules(comparison: Comparison, base: Located, revision: Located): readonly ParameterRule[] {
  const [was, is] = [isRequired(base), isRequired(revision)];
  const [wasDeprecated, isNow] = [isDeprecated(base), isDeprecated(revision)];
  const style = styleRule(comparison, base, revision);
  return [
    ...(was === is ? [] : [is ? BECAME_REQUIRED : BECAME_OPTIONAL]),
    ...(wasDeprecated === isNow ? [] : [isNow ? DEPRECATED : REACTIVATED]),
    ...(style === null ? [] : [style]),
  ];
}

const BECAME_REQUIRED: ParameterRule = ['became-required', 'error', 'must be sent now'];
const BECAME_OPTIONAL: ParameterRule = ['became-optional', 'info', 'may be left out now'];
const DEPRECATED: ParameterRule = ['deprecated', 'info', 'is deprecated'];
const REACTIVATED: ParameterRule = ['reactivated', 'info', 'is no longer deprecated'];

function styleRule(comparison: Comparison, base: Located, revision: Located): ParameterRule | null {
  const [was, is] = [styleOf(base), styleOf(revision)];
  const isOfPath = ownText(revision.value, 'in') === 'path' && was.split(',')[0] !== is.split(',')[0];
  const areLists = isList(comparison.base, base) && isList(comparison.revision, revision);
  if (was === is || (!isOfPath && !areLists)) return null;
  return ['style-changed', 'error', `is written as ${is}, was ${was}`];
}

const isDeprecated = ({ value }: Located): boolean => own(value, 'deprecated') === true;
const schemaOf = ({ value, pointer }: Located): SchemaNode => ({
  schema: own(value, 'schema'),
  pointer: `${pointer}/schema`,
});

/** How a list or an object is written matters only where there is one; a style of paths sets its mark before any value. */
function isList(shapes: Shapes, { value, pointer }: Located): boolean {
  const { types } = shapes.of({ schema: own(value, 'schema'), pointer: `${pointer}/schema` });
  return types?.has('array') === true || types?.has('object') === true;
}

function styleOf({ value }: Located): string {
  const place = ownText(value, 'in');
  const style = ownText(value, 'style') ?? (place === 'query' || place === 'cookie' ? 'form' : 'simple');
  const explode = own(value, 'explode');
  const exploded = typeof explode === 'boolean' ? explode : style === 'form';
  return `${style}${exploded ? ', exploded' : ''}`;
}

/** Response headers: sent by the server, so that more is a widening. */
export function compareHeaders(
  comparison: Comparison,
  base: Located,
  revision: Located,
  status: string,
): void {
  const before = headersOf(comparison.base, base);
  const after = headersOf(comparison.revision, revision);
  for (const [name, header] of before) {
    const label = `${status} header ${name}`;
    const later = after.get(name);
    const required = own(header.value, 'required') === true;
    if (later === undefined) {
      comparison.report(
        required ? 'required-response-header-removed' : 'optional-response-header-removed',
        required ? 'error' : 'warning',
        {
          pointer: header.pointer,
          side: 'base',
          subject: label,
          text: `${label}: was removed`,
        },
      );
      continue;
    }
    if (required && own(later.value, 'required') !== true)
      comparison.report('response-header-became-optional', 'error', {
        pointer: later.pointer,
        subject: label,
        text: `${label}: may be missing now`,
      });
    compareSchemas(
      comparison,
      { schema: own(header.value, 'schema'), pointer: `${header.pointer}/schema` },
      { schema: own(later.value, 'schema'), pointer: `${later.pointer}/schema` },
      { kind: 'response-header', direction: 'response', label, asText: true, required },
    );
  }
  for (const [name, header] of after)
    if (!before.has(name))
      comparison.report('response-header-added', 'info', {
        pointer: header.pointer,
        subject: `${status} header ${name}`,
        text: `${status} header ${name}: is new`,
      });
}

function headersOf(shapes: Shapes, { value, pointer }: Located): ReadonlyMap<string, Located> {
  const found = new Map<string, Located>();
  for (const [name, raw] of Object.entries(ownObject(value, 'headers')))
    if (name.toLowerCase() !== 'content-type')
      found.set(name.toLowerCase(), shapes.contract.resolve(raw, pointer + pointerOf('headers', name)));
  return found;
}
