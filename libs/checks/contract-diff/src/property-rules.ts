import { compareDependencies } from './dependency-rules.js';
import { inner, type Pair, type Step } from './pair.js';
import { type Comparison, narrowed, widened } from './report.js';
import type { Shape } from './shape.js';
import type { Shapes } from './shapes.js';
import type { SchemaNode } from './structure.js';
import { hasRunOut } from './sunset.js';
import type { Level, Place } from './types.js';

/** What is said about properties that are named, and whether they must be there. */
export function compareProperties(step: Step): void {
  const { base, revision } = step.pair;
  for (const name of new Set([...base.properties.keys(), ...revision.properties.keys()]))
    compareProperty(step, name);
  for (const name of new Set([...base.required, ...revision.required]))
    if (isAlone(step.pair, name)) requiredAlone(step, name);
  compareDependencies(step);
}

/** Required and described nowhere: now, before, or ever. */
function isAlone({ base, revision }: Pair, name: string): boolean {
  const [was, is] = [base.properties.has(name), revision.properties.has(name)];
  return was ? !is && !base.required.has(name) : !is || base.required.has(name);
}

/** readOnly says nothing about requests, writeOnly nothing about responses. */
const isHidden = (direction: Place['direction'], { readOnly, writeOnly }: Shape): boolean =>
  direction === 'request' ? readOnly : writeOnly;

interface Seen {
  readonly node: SchemaNode;
  readonly shape: Shape;
  /** Whether it is there in this direction. */
  readonly visible: boolean;
}

function seen(node: SchemaNode | undefined, shapes: Shapes, { direction }: Place): Seen | null {
  if (node === undefined) return null;
  const shape = shapes.of(node);
  return { node, shape, visible: !isHidden(direction, shape) };
}

function compareProperty(step: Step, name: string): void {
  const { walk, pair, depth } = step;
  const { base, revision } = pair;
  const { comparison } = walk;
  const place = inner(pair, name, base.required.has(name));
  const was = seen(base.properties.get(name), comparison.base, place);
  const is = seen(revision.properties.get(name), comparison.revision, place);
  if (was?.visible !== true) {
    if (is?.visible === true) propertyAdded(step, place, [name, is.node, was !== null]);
  } else if (is === null && isAsTheRest(step, place, was.node)) {
    requirednessChanged(comparison, pair, place, [name, was.shape]);
  } else if (is?.visible !== true) propertyRemoved(step, place, [was.node, is?.node]);
  else {
    requirednessChanged(comparison, pair, place, [name, is.shape]);
    walk.compare(was.node, is.node, place, depth + 1);
  }
}

/** A property that is no longer named may still be what every unnamed one is. */
const isAsTheRest = ({ walk, pair }: Step, place: Place, node: SchemaNode): boolean =>
  typeof pair.revision.additional === 'object' &&
  walk.tried(node, pair.revision.additional, place).length === 0;

type Rule = readonly [id: string, level: Level, text: string];

/** A property that there was not, or that was not seen in this direction. */
function propertyAdded(
  { walk, pair, depth }: Step,
  place: Place,
  [name, node, wasHidden]: readonly [string, SchemaNode, boolean],
): void {
  const { base, revision } = pair;
  const shape = walk.comparison.revision.of(node);
  const required = revision.required.has(name);
  const [id, level, text] =
    place.direction === 'response'
      ? addedToResponse(required, base.additional === 'forbidden')
      : addedToRequest(shape, required && (wasHidden || !base.required.has(name)));
  walk.comparison.report(id, level, {
    pointer: node.pointer,
    subject: place.label,
    text: `${place.label}: ${text}`,
  });
  if (typeof base.additional === 'object') walk.compare(base.additional, node, place, depth + 1);
}

/** Clients ignore what they don't know, unless they were told that nothing else would come. */
const addedToResponse = (required: boolean, wasClosed: boolean): Rule => [
  `response-${required ? 'required' : 'optional'}-property-added`,
  wasClosed ? 'warning' : 'info',
  'was added to the response',
];

/** A default makes it safe: whoever leaves it out gets what the server chooses. */
function addedToRequest({ hasDefault }: Shape, required: boolean): Rule {
  if (!required) return ['new-optional-request-property', 'info', 'is a new property that requests may have'];
  return hasDefault
    ? ['new-required-request-property-with-default', 'info', 'is a new required property, with a default']
    : ['new-required-request-property', 'error', 'is a new property that requests must have'];
}

/** A property that is gone, or that is no longer seen in this direction. */
function propertyRemoved(
  { walk, pair, depth }: Step,
  place: Place,
  [node, hidden]: readonly [SchemaNode, SchemaNode | undefined],
): void {
  const { comparison } = walk;
  const [id, level, text] =
    place.direction === 'response'
      ? removedFromResponse(place, hidden !== undefined)
      : removedFromRequest(pair, place, hidden !== undefined);
  const announced = hasRunOut(comparison.base.of(node), comparison.options);
  comparison.report(id, announced ? 'info' : level, {
    pointer: hidden?.pointer ?? node.pointer,
    ...(hidden === undefined ? { side: 'base' as const } : {}),
    subject: place.label,
    text: `${place.label}: ${text}${announced ? ', after the day that was announced' : ''}`,
  });
  const { additional } = pair.revision;
  if (hidden === undefined && typeof additional === 'object')
    walk.compare(node, additional, place, depth + 1);
}

const removedFromResponse = ({ required }: Place, hidden: boolean): Rule => {
  const which = required ? 'required' : 'optional';
  return [
    `response-${which}-property-${hidden ? 'became-write-only' : 'removed'}`,
    required ? 'error' : 'warning',
    hidden ? 'is write-only now, so that responses no longer have it' : 'was removed from the response',
  ];
};

function removedFromRequest({ base, revision }: Pair, { required }: Place, hidden: boolean): Rule {
  if (hidden)
    return [
      `request-${required ? 'required' : 'optional'}-property-became-read-only`,
      'warning',
      'is read-only now, so that what is sent has no effect',
    ];
  const closed = revision.additional === 'forbidden' && base.variants === null;
  return [
    'request-property-removed',
    closed ? 'error' : 'warning',
    `was removed from the request${closed ? ', which takes no unknown properties' : ''}`,
  ];
}

/** Whether a property that both have must be given, or is always there. */
function requirednessChanged(
  comparison: Comparison,
  { base, revision }: Pair,
  place: Place,
  [name, shape]: readonly [string, Shape],
): void {
  const was = base.required.has(name);
  if (was === revision.required.has(name)) return;
  const [id, level, text] =
    place.direction === 'request' ? requiredOfRequest(shape, was) : requiredOfResponse(was);
  comparison.report(`${place.kind}-${id}`, level, {
    pointer: revision.properties.get(name)?.pointer ?? revision.pointer,
    subject: place.label,
    text: `${place.label}: ${text}`,
  });
}

function requiredOfRequest({ hasDefault }: Shape, was: boolean): Rule {
  if (was) return ['became-optional', 'info', 'may be left out now'];
  return hasDefault
    ? ['became-required-with-default', 'info', 'must be given now, with a default']
    : ['became-required', 'error', 'must be given now'];
}

const requiredOfResponse = (was: boolean): Rule =>
  was
    ? ['became-optional', 'error', 'may be missing now']
    : ['became-required', 'info', 'is always there now'];

/** A name that is required and described nowhere. */
function requiredAlone({ walk, pair }: Step, name: string): void {
  const { base, revision } = pair;
  const was = base.required.has(name);
  if (was === revision.required.has(name)) return;
  const place = inner(pair, name);
  const isRequest = place.direction === 'request';
  const [id, level, text]: Rule = was
    ? [
        `${place.kind}-became-optional`,
        widened(place),
        isRequest ? 'may be left out now' : 'may be missing now',
      ]
    : [
        isRequest ? 'new-required-request-property' : `${place.kind}-became-required`,
        narrowed(place),
        isRequest ? 'requests must have it now' : 'is always there now',
      ];
  walk.comparison.report(id, level, {
    pointer: `${revision.pointer}/required`,
    subject: place.label,
    text: `${place.label}: ${text}`,
  });
}
