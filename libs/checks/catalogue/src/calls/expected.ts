import { Contract, type Operation, operationsOf } from '@kwanus/checks-contract-diff';
import { isObject, own, ownList, ownObject, ownText } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';
import { SampleJudge } from '../samples/judge.js';

/** For all calls of the operations of one contract; a call whose values are written out takes some dozens. */
const MAX_STEPS = 250_000;

/** A contract of the submission, and what judges by its schemas. */
export interface JudgedContract {
  readonly contract: Contract;
  readonly judge: SampleJudge;
  readonly path: string;
  /** Names under which credentials travel, in lower case. */
  readonly credentials: ReadonlySet<string>;
}

/** A parameter of an operation, beside those that OpenAPI describes elsewhere and cookies. */
export interface Parameter {
  readonly name: string;
  readonly place: 'path' | 'query' | 'header';
  readonly isRequired: boolean;
  /** Undefined where it has none, or one that does not tell how it is written. */
  readonly schema: Json | undefined;
}

/** What a body may be. */
export interface ExpectedBody {
  readonly isRequired: boolean;
  /** Of each JSON media type. */
  readonly json: readonly Json[];
  /** Of each kind of form, whose values travel as text. */
  readonly forms: readonly Json[];
  /** It may be of a media type that no schema describes, or be described elsewhere. */
  readonly isOpen: boolean;
}

/** An operation, and what its contract says of a request. */
export interface ExpectedRequest {
  readonly by: JudgedContract;
  readonly operation: Operation;
  /** By their names in lower case. */
  readonly named: ReadonlyMap<string, readonly Parameter[]>;
  readonly required: readonly Parameter[];
  /** Further names may be right: cookies, credentials, what is described elsewhere. */
  readonly takes: (name: string) => boolean;
  readonly body: ExpectedBody | null;
}

/** @returns the contract as what requests are judged by */
export const judgedContract = (root: JsonObject, path: string): JudgedContract => {
  const contract = new Contract(root);
  const schemes = Object.values(ownObject(ownObject(root, 'components'), 'securitySchemes'));
  const names = schemes.flatMap((scheme) => ownText(contract.resolve(scheme, '').value, 'name') ?? []);
  return {
    contract,
    judge: new SampleJudge(contract, MAX_STEPS),
    path,
    credentials: new Set(names.map((name) => name.toLowerCase())),
  };
};

/** @returns the operations of a contract by their ids; one that comes twice is none */
export function operationsById({ contract }: JudgedContract): ReadonlyMap<string, Operation> {
  const all = [...operationsOf(contract).values()].flatMap((operation) => {
    const id = ownText(operation.value, 'operationId');
    return id === undefined ? [] : [[id, operation] as const];
  });
  const times = new Map<string, number>();
  for (const [id] of all) times.set(id, (times.get(id) ?? 0) + 1);
  return new Map(all.filter(([id]) => times.get(id) === 1));
}

/** Described elsewhere by OpenAPI, or a key that runtimes send along (WF014). */
const NO_PARAMETER = /^(?:accept|content-type|authorization|(?:x-)?idempotency-?key)$/;

/** @returns what a call of the operation may and must send */
export function expectedRequest(by: JudgedContract, operation: Operation): ExpectedRequest {
  const described = parametersOf(by, operation);
  const parameters = described.flatMap((value) => parameterOf(by, value));
  const isPartial =
    described.some((value) => ownText(value, 'name') === undefined) ||
    parameters.some(({ schema, place }) => schema === undefined && place === 'query');
  const names = new Set(described.map((value) => ownText(value, 'name')));
  const inPath = new Set([...operation.path.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name));
  const takes = (name: string): boolean =>
    isPartial ||
    names.has(name) ||
    by.credentials.has(name.toLowerCase()) ||
    NO_PARAMETER.test(name.toLowerCase().replaceAll('_', '-')) ||
    inPath.has(name);
  const named = new Map<string, Parameter[]>();
  for (const parameter of parameters) {
    const key = parameter.name.toLowerCase();
    const others = named.get(key);
    if (others === undefined) named.set(key, [parameter]);
    else others.push(parameter);
  }
  const required = parameters.filter(({ isRequired }) => isRequired);
  return { by, operation, named, required, takes, body: bodyOf(by, operation) };
}

/** Those of the path item, overridden by the operation's own. */
function parametersOf({ contract }: JudgedContract, { item, value }: Operation): readonly JsonObject[] {
  const found = new Map<string, JsonObject>();
  const all = [...ownList(item.value, 'parameters'), ...ownList(value, 'parameters')];
  for (const [index, raw] of all.entries()) {
    const parameter = contract.resolve(raw, '').value;
    const name = ownText(parameter, 'name');
    const place = ownText(parameter, 'in') ?? '';
    found.set(
      name === undefined ? `${index}` : `${place} ${place === 'header' ? name.toLowerCase() : name}`,
      parameter,
    );
  }
  return [...found.values()];
}

function parameterOf(by: JudgedContract, value: JsonObject): readonly Parameter[] {
  const [name, place] = [ownText(value, 'name'), ownText(value, 'in')];
  if (name === undefined || !isPlace(place)) return [];
  if (place === 'header' && NO_PARAMETER.test(name.toLowerCase())) return [];
  const raw = own(value, 'schema') ?? {};
  const target = by.contract.resolve(raw, '').value;
  const isAsked = own(value, 'required') === true && !mayBeLeftOut(by, value, target);
  return [
    { name, place, schema: isPlain(target) ? raw : undefined, isRequired: isAsked || place === 'path' },
  ];
}

const isPlace = (place: string | undefined): place is Parameter['place'] =>
  place === 'path' || place === 'query' || place === 'header';

/** A default is filled in, a credential is sent along, and an object in a query may be written as parameters of its own. */
function mayBeLeftOut({ credentials }: JudgedContract, value: JsonObject, schema: JsonObject): boolean {
  const isSpread =
    ownText(value, 'in') === 'query' && own(value, 'content') === undefined && !isPlain(schema);
  const isCredential = credentials.has((ownText(value, 'name') ?? '').toLowerCase());
  return isSpread || isCredential || own(schema, 'default') !== undefined;
}

const WRITTEN_ALIKE = ['type', 'enum', 'const', 'format', 'pattern'];
const BRANCHES = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'properties', 'additionalProperties'];

/** Objects are written in several ways, some of them as parameters of their own. */
function isPlain(schema: JsonObject): boolean {
  const type = own(schema, 'type');
  const types = Array.isArray(type) ? (type as readonly Json[]) : [type];
  return (
    !types.includes('object') &&
    WRITTEN_ALIKE.some((key) => Object.hasOwn(schema, key)) &&
    !BRANCHES.some((key) => Object.hasOwn(schema, key))
  );
}

const JSON_TYPE = /^[^;]*[/+]json\s*(?:;|$)/i;
const FORM_TYPE = /^\s*(?:application\/x-www-form-urlencoded|multipart\/form-data)\s*(?:;|$)/i;

function bodyOf({ contract }: JudgedContract, { value }: Operation): ExpectedBody | null {
  const raw = own(value, 'requestBody');
  if (raw === undefined) return null;
  const described = contract.resolve(raw, '').value;
  const content = Object.entries(ownObject(described, 'content'));
  const schemasOf = (kind: RegExp): readonly Json[] =>
    content.filter(([type]) => kind.test(type)).map(([, media]) => own(media, 'schema') ?? true);
  return {
    isRequired: own(described, 'required') === true,
    json: schemasOf(JSON_TYPE),
    forms: schemasOf(FORM_TYPE),
    isOpen:
      content.length === 0 ||
      content.some(([type, media]) => !isObject(media) || !(JSON_TYPE.test(type) || FORM_TYPE.test(type))),
  };
}
