import { type ArgumentMetadata, Injectable, StandardSchemaValidationPipe } from '@nestjs/common';
import { escaped } from './json-rules.js';
import { HttpProblem, notFound, type ProblemDetailError } from './problem.js';

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  /** Zod's: names that the schema does not know. */
  readonly keys?: readonly string[];
}

const MOST_ERRORS = 50;
/** How Zod words that a text does not match; a regular expression tells people nothing. */
const UNMATCHED = /^Invalid string: must match pattern /;
/** How Zod words that a field is not there. */
const MISSING = /^Invalid input: expected .+, received undefined$/;

/**
 * Checks bodies and queries against the Zod schema at the parameter: 422 with a pointer for everything that is wrong, unknown
 * fields included (strict schemas). A path parameter of the wrong form names nothing that exists: 404.
 */
@Injectable()
export class ValidationPipe extends StandardSchemaValidationPipe {
  override async transform<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    const { schema, type } = metadata;
    if (schema === undefined || !this.toValidate(metadata)) return value;
    if (type === 'body' && value === undefined)
      throw new HttpProblem('malformed-request', 'The request needs a JSON body; there is none.');
    const result = await this.validate<T>(value, schema);
    if (result.issues === undefined) return result.value;
    if (type === 'param') throw notFound();
    const errors = result.issues.flatMap((issue) => errorsOf(issue, type)).slice(0, MOST_ERRORS);
    throw new HttpProblem('validation-failed', detailOf(errors, result.issues.length), { errors });
  }
}

function errorsOf({ message, path = [], keys }: Issue, type: string): ProblemDetailError[] {
  const names = path.map((part) => String(typeof part === 'object' ? part.key : part));
  if (keys !== undefined && keys.length > 0)
    return keys.map((key) => ({ pointer: pointerOf([...names, key], type), message: 'is not known here' }));
  return [{ pointer: pointerOf(names, type), message: inWords(message) }];
}

function inWords(message: string): string {
  if (MISSING.test(message)) return 'is missing';
  return UNMATCHED.test(message) ? 'has another form than it must; /openapi.json shows it' : message;
}

const pointerOf = (names: readonly string[], type: string): string =>
  type === 'query' ? `query:${names.join('.')}` : names.map((name) => `/${escaped(name)}`).join('');

const detailOf = ([first]: readonly ProblemDetailError[], count: number): string =>
  `${first?.pointer || 'The body'}: ${first?.message ?? 'is wrong'}${count > 1 ? `; and ${count - 1} more` : ''}.`;
