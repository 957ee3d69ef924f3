import { Contract, type Operation, operationsOf } from '@kwanus/checks-contract-diff';
import { own, ownList, ownText } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import { slugOf } from './identity.js';

/** The workflow to begin with: it calls one operation, and parks the work when that fails. */
export interface FirstWorkflow {
  readonly id: string;
  readonly operationId: string;
  readonly definition: JsonObject;
}

/** Ids of operations that a manifest can name. */
const NAMEABLE = /^[^\s#]{1,150}$/;

/** @returns a workflow over an operation that reads, else over any; null where no operation has an id */
export function firstWorkflow(
  contract: JsonObject,
  at: { partner: string; contractPath: string },
): FirstWorkflow | null {
  const described = new Contract(contract);
  const operations = [...operationsOf(described).values()];
  const nameable = operations.filter(({ value }) => NAMEABLE.test(ownText(value, 'operationId') ?? ''));
  const operation = nameable.find(({ method }) => method === 'get') ?? nameable[0];
  if (operation === undefined) return null;
  const operationId = ownText(operation.value, 'operationId') ?? '';
  const id = `call-${slugOf(operationId) || 'operation'}`.slice(0, 64).replace(/-+$/, '');
  return {
    id,
    operationId,
    definition: definitionOf(operation, { ...at, contract: described, id, operationId }),
  };
}

interface Call {
  readonly contract: Contract;
  readonly partner: string;
  readonly contractPath: string;
  readonly id: string;
  readonly operationId: string;
}

const definitionOf = (
  operation: Operation,
  { partner, contract, contractPath, id, operationId }: Call,
): JsonObject => ({
  document: { dsl: '1.0.0', namespace: partner, name: id, version: '1.0.0' },
  schedule: { every: { hours: 1 } },
  do: [
    {
      call: {
        try: [
          {
            send: {
              call: 'openapi',
              with: {
                document: { endpoint: contractPath },
                operationId,
                ...parametersOf(contract, operation),
              },
            },
          },
        ],
        catch: { do: [{ park: { set: { parked: true } } }] },
      },
    },
  ],
});

/** What the operation asks for comes from the workflow's input, under the same name; a body under `body`. */
function parametersOf(contract: Contract, { item, value }: Operation): { parameters?: JsonObject } {
  const required = [...ownList(item.value, 'parameters'), ...ownList(value, 'parameters')]
    .map((parameter) => contract.resolve(parameter, '').value)
    .flatMap((parameter) => (own(parameter, 'required') === true ? (ownText(parameter, 'name') ?? []) : []));
  const hasBody = own(contract.resolve(own(value, 'requestBody'), '').value, 'required') === true;
  const names = hasBody ? [...required, 'body'] : required;
  if (names.length === 0) return {};
  return {
    parameters: Object.fromEntries(names.map((name) => [name, `\${ .input[${JSON.stringify(name)}] }`])),
  };
}
