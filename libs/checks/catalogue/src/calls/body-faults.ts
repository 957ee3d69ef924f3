import { isObject, own, ownObject, pointerOf } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import type { Fault } from '../samples/sample.js';
import type { ExpectedBody } from './expected.js';
import { type Judging, opened } from './parameter-faults.js';
import type { Argument, SentRequest } from './sent.js';

interface BodyOfCall {
  readonly body: ExpectedBody | null;
  /** What is sent under names that are no parameters. */
  readonly rest: readonly Argument[];
  readonly by: Judging;
}

/**
 * What is no parameter is the body: its properties, or all of it under the name `body`. Runtimes take both, so both may be meant.
 * @returns what is wrong with it, from the task
 */
export function bodyFaults(sent: SentRequest['body'], { body, rest, by }: BodyOfCall): readonly Fault[] {
  if (body === null) return noParameters(rest);
  if (body.isOpen) return [];
  if (sent !== null) return wholeFaults(sent, body, by);
  if (rest.length === 0) return missingFaults(body, by);
  const whole = rest.find(({ name }) => name === 'body');
  const value = Object.fromEntries(rest.map((argument) => [argument.name, argument.value]));
  const asProperties = wholeFaults({ value, pointer: pointerOf('with', 'parameters') }, body, by);
  if (whole === undefined || asProperties.length === 0) return asProperties;
  const asWhole = [
    ...wholeFaults(whole, body, by),
    ...noParameters(rest.filter((argument) => argument !== whole)),
  ];
  return asWhole.length === 0 || (rest.length === 1 && !hasProperty(body, by)) ? asWhole : asProperties;
}

const noParameters = (rest: readonly Argument[]): readonly Fault[] =>
  rest.map(({ pointer }) => ({ at: pointer, text: 'is no parameter of it' }));

/** Where nothing is sent, and an object without properties would do, nothing is missing. */
const missingFaults = (body: ExpectedBody, by: Judging): readonly Fault[] =>
  body.isRequired && wholeFaults({ value: {}, pointer: '' }, body, by).length > 0
    ? [{ at: '/with', text: 'sends no body, which is required' }]
    : [];

const hasProperty = ({ json, forms }: ExpectedBody, by: Judging): boolean =>
  [...json, ...forms].some(
    (schema) => own(ownObject(by.resolve(schema), 'properties'), 'body') !== undefined,
  );

interface Placed {
  readonly value: Json;
  readonly pointer: string;
}

/** @returns what is wrong by the first media type, where none takes the value; values of forms travel as text */
function wholeFaults(
  { value, pointer }: Placed,
  { json, forms }: ExpectedBody,
  by: Judging,
): readonly Fault[] {
  const byJson = by.of(value);
  const byForm = isObject(value) && forms.length > 0 ? by.of(opened(value)) : (): readonly Fault[] => [];
  let first: readonly Fault[] | null = null;
  for (const [schemas, faultsBy] of [
    [json, byJson],
    [forms, byForm],
  ] as const)
    for (const schema of schemas) {
      const faults = faultsBy(schema);
      if (faults.length === 0) return [];
      first ??= faults;
    }
  return (first ?? []).map(({ at, text }) => ({ at: pointer + at, text }));
}
