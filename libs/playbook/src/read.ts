import { type Document, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { PlaybookRefused } from './errors.js';

const MAX_BYTES = 1_000_000;
const REMEDY = 'Correct it there; what each key takes stands in docs/reference/playbook.md.';

/** A file that follows its schema, and the way back to its lines. */
export interface ReadFile<Value> {
  readonly value: Value;
  /** @returns `file:line`, or the file alone */
  readonly placeOf: (path: readonly PropertyKey[]) => string;
}

/**
 * Reads YAML by a schema. Aliases, duplicate keys, `__proto__` and unknown keys are refused.
 * @param source name of the file, for messages
 * @throws PlaybookRefused with every problem: file, line, remedy
 */
export function readYaml<Value>(text: string, source: string, schema: z.ZodType<Value>): ReadFile<Value> {
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw new PlaybookRefused(source, [`${source}: is larger than ${MAX_BYTES} bytes.`]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, merge: false, strict: true });
  const broken = [...document.errors, ...document.warnings].map(
    ({ message, pos }) =>
      `${source}:${lines.linePos(pos[0]).line}: ${message.split('\n', 1)[0] ?? ''} ${REMEDY}`,
  );
  if (broken.length > 0) throw new PlaybookRefused(source, broken);
  const forbidden = forbiddenNodes(document, (offset) => `${source}:${lines.linePos(offset).line}`);
  if (forbidden.length > 0) throw new PlaybookRefused(source, forbidden);
  const data: unknown = document.toJS({ maxAliasCount: 0 });
  const placeOf = (path: readonly PropertyKey[]): string => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true) as
        | { range?: [number, number, number] }
        | undefined;
      if (node?.range !== undefined) return `${source}:${lines.linePos(node.range[0]).line}`;
    }
    return source;
  };
  const parsed = schema.safeParse(data);
  if (parsed.success) return { value: parsed.data, placeOf };
  throw new PlaybookRefused(
    source,
    parsed.error.issues.map((issue) => {
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [];
      const path = [...issue.path, ...keys.slice(0, 1)];
      return `${placeOf(path)}: ${path.join('.')} ${keys.length > 0 ? 'is not known here' : issue.message}. ${REMEDY}`;
    }),
  );
}

/** What YAML allows and a playbook does not: an alias makes one place speak for another, `__proto__` reaches behind the object. */
function forbiddenNodes(document: Document, placeOf: (offset: number) => string): readonly string[] {
  const found: string[] = [];
  const at = (node: Node): string => placeOf(node.range?.[0] ?? 0);
  visit(document, {
    Alias: (_, alias) => void found.push(`${at(alias)}: uses an alias. Write it out.`),
    Pair: (_, { key }) => {
      if (isScalar(key) && key.value === '__proto__')
        found.push(`${at(key)}: has a key __proto__. Take it out.`);
    },
  });
  return found;
}
