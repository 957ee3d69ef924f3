import type { Pair } from './pair.js';
import type { Comparison } from './report.js';
import type { SchemaNode, Shape } from './shape.js';
import type { Level, Place } from './types.js';

/** A property that the revision has and the base had not. */
export function propertyAdded(
  comparison: Comparison,
  { base, revision }: Pair,
  place: Place,
  [name, node]: readonly [string, SchemaNode],
): void {
  const shape = comparison.revision.of(node);
  const required = revision.required.has(name);
  const [id, level, text] =
    place.direction === 'response'
      ? addedToResponse(shape, required)
      : addedToRequest(shape, required && !base.required.has(name));
  if (id !== null)
    comparison.report(id, level, {
      pointer: node.pointer,
      subject: place.label,
      text: `${place.label}: ${text}`,
    });
}

type Rule = readonly [id: string | null, level: Level, text: string];
const NOTHING: Rule = [null, 'info', ''];

function addedToResponse({ writeOnly }: Shape, required: boolean): Rule {
  if (writeOnly) return NOTHING;
  return [
    `response-${required ? 'required' : 'optional'}-property-added`,
    'info',
    'was added to the response',
  ];
}

/** A default makes it safe: whoever leaves it out gets what the server chooses. */
function addedToRequest({ readOnly, hasDefault }: Shape, required: boolean): Rule {
  if (readOnly) return NOTHING;
  if (!required) return ['new-optional-request-property', 'info', 'is a new property that requests may have'];
  return hasDefault
    ? ['new-required-request-property-with-default', 'info', 'is a new required property, with a default']
    : ['new-required-request-property', 'error', 'is a new property that requests must have'];
}

/** A property that the base had and the revision has not. */
export function propertyRemoved(
  comparison: Comparison,
  { base, revision }: Pair,
  place: Place,
  node: SchemaNode,
): void {
  const { readOnly, writeOnly } = comparison.base.of(node);
  const remark = { pointer: node.pointer, side: 'base' as const, subject: place.label };
  if (place.direction === 'response') {
    if (writeOnly) return;
    return comparison.report(
      place.required ? 'response-required-property-removed' : 'response-optional-property-removed',
      place.required ? 'error' : 'warning',
      { ...remark, text: `${place.label}: was removed from the response` },
    );
  }
  if (readOnly) return;
  const closed = revision.additional === 'forbidden' && base.variants === null;
  comparison.report('request-property-removed', closed ? 'error' : 'warning', {
    ...remark,
    text: `${place.label}: was removed from the request${closed ? ', which takes no unknown properties' : ''}`,
  });
}

/** Whether a property that both have must be given, or is always there. */
export function requirednessChanged(
  comparison: Comparison,
  { base, revision }: Pair,
  place: Place,
  name: string,
): void {
  const was = base.required.has(name);
  const node = revision.properties.get(name);
  if (node === undefined || was === revision.required.has(name)) return;
  const shape = comparison.revision.of(node);
  const [id, level, text] =
    place.direction === 'request' ? requiredOfRequest(shape, was) : requiredOfResponse(shape, was);
  if (id !== null)
    comparison.report(`${place.kind}-${id}`, level, {
      pointer: node.pointer,
      subject: place.label,
      text: `${place.label}: ${text}`,
    });
}

function requiredOfRequest({ readOnly, hasDefault }: Shape, was: boolean): Rule {
  if (readOnly) return NOTHING;
  if (was) return ['became-optional', 'info', 'may be left out now'];
  return hasDefault
    ? ['became-required-with-default', 'info', 'must be given now, with a default']
    : ['became-required', 'error', 'must be given now'];
}

function requiredOfResponse({ writeOnly }: Shape, was: boolean): Rule {
  if (writeOnly) return NOTHING;
  return was
    ? ['became-optional', 'error', 'may be missing now']
    : ['became-required', 'info', 'is always there now'];
}

/** Names that are required now and described nowhere. */
export function requiredWithoutProperty(comparison: Comparison, { base, revision, place }: Pair): void {
  for (const name of revision.required)
    if (!base.required.has(name) && !revision.properties.has(name))
      comparison.report('new-required-request-property', 'error', {
        pointer: `${revision.pointer}/required`,
        subject: `${place.label}/${name}`,
        text: `${place.label}/${name}: requests must have it now`,
      });
}

/** Whether names that nobody described may be sent, or come back. */
export function additionalChanged(comparison: Comparison, { base, revision, place }: Pair): boolean {
  const wasOpen = base.additional !== 'forbidden';
  const isOpen = revision.additional !== 'forbidden';
  if (wasOpen === isOpen) return false;
  const remark = { pointer: revision.pointer, subject: place.label };
  if (isOpen)
    comparison.report(
      `${place.kind}-additional-properties-allowed`,
      place.direction === 'request' ? 'info' : 'warning',
      { ...remark, text: `${place.label}: may have unknown properties now` },
    );
  else
    comparison.report(`${place.kind}-additional-properties-forbidden`, closingLevel(base, place), {
      ...remark,
      text: `${place.label}: takes no unknown properties any more`,
    });
  return true;
}

function closingLevel({ additional }: Shape, { direction }: Place): Level {
  if (direction === 'response') return 'info';
  return additional === 'implicit' ? 'warning' : 'error';
}
