import { nameOf } from '@kwanus/checks-contract-diff';
import type { Fault } from '../samples/sample.js';
import { bodyFaults } from './body-faults.js';
import type { ExpectedRequest, Parameter } from './expected.js';
import { type Judging, parameterFaults } from './parameter-faults.js';
import type { Argument, SentRequest } from './sent.js';
import { unknownsIn } from './unknowns.js';

/** More that is missing from one call says no more. */
const MOST_MISSING = 5;

/**
 * @param isLoose every text may be an expression
 * @returns what the operation refuses for certain, whatever the expressions come to; `at` is from the task
 * @throws TooEntangled when the schemas lead too far
 */
export function requestFaults(
  sent: SentRequest,
  expected: ExpectedRequest,
  isLoose: boolean,
): readonly Fault[] {
  const { operation, body, takes } = expected;
  const method = operation.method.toUpperCase();
  if (sent.method !== null && sent.method !== method)
    return [{ at: '/with/method', text: `is ${sent.method}, where the handler names ${nameOf(operation)}` }];
  const by = judgingBy(expected, isLoose);
  const matched = sent.named.map((argument) => ({ argument, by: parameterOf(expected, argument) }));
  const rest = matched.flatMap(({ argument, by: { length } }) =>
    length > 0 || argument.place !== 'any' || takes(argument.name) ? [] : [argument],
  );
  const given = new Set(matched.flatMap((match) => match.by));
  return [
    ...matched.flatMap((match) => valueFaults(match.argument, match.by, by)),
    ...missingFaults(sent, expected, given),
    ...bodyFaults(sent.body, { body, rest, by }),
  ];
}

const judgingBy = ({ by: { judge, contract } }: ExpectedRequest, isLoose: boolean): Judging => ({
  of: (value) => {
    const unknown = unknownsIn(value, isLoose);
    return (schema) => judge.faultsOf({ value, schema, pointer: '', direction: 'request', unknown });
  },
  resolve: (schema) => contract.resolve(schema, '').value,
});

/** @returns the parameters that the argument may be meant for */
const parameterOf = ({ named }: ExpectedRequest, { name, place }: Argument): readonly Parameter[] =>
  (named.get(name.toLowerCase()) ?? []).filter(
    (parameter) =>
      (place === 'any' || place === parameter.place) &&
      (parameter.place === 'header' || parameter.name === name),
  );

function valueFaults(
  { value, pointer }: Argument,
  [parameter, ...others]: readonly Parameter[],
  by: Judging,
): readonly Fault[] {
  if (parameter?.schema === undefined || others.length > 0) return [];
  return parameterFaults(value, parameter.schema, by).map(({ at, text }) => ({ at: pointer + at, text }));
}

function missingFaults(
  { complete }: SentRequest,
  { required }: ExpectedRequest,
  given: ReadonlySet<Parameter>,
): readonly Fault[] {
  const faults: Fault[] = [];
  for (const parameter of required) {
    const { name, place } = parameter;
    if (given.has(parameter) || !complete.has(place)) continue;
    faults.push({ at: '/with', text: `lacks the ${place} parameter ${name}, which is required` });
    if (faults.length === MOST_MISSING) break;
  }
  return faults;
}
