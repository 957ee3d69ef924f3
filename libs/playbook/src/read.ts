import { LineCounter, parseDocument } from 'yaml';
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
  const broken = document.errors.map(
    ({ message, pos }) =>
      `${source}:${lines.linePos(pos[0]).line}: ${message.split('\n', 1)[0] ?? ''} ${REMEDY}`,
  );
  if (broken.length > 0) throw new PlaybookRefused(source, broken);
  if (/^\s*(?:- )?["']?__proto__["']?\s*:/m.test(text) || /[{,]\s*["']?__proto__["']?\s*:/.test(text))
    throw new PlaybookRefused(source, [`${source}: has a key __proto__. Take it out.`]);
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 0 });
  } catch (cause) {
    throw new PlaybookRefused(source, [`${source}: uses an alias. Write it out.`], { cause });
  }
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
