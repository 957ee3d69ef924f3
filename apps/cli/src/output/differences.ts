/** One place in which two states differ; undefined where one of them has nothing there. */
export interface Difference {
  /** RFC 6901 JSON pointer. */
  readonly pointer: string;
  readonly before: unknown;
  readonly after: unknown;
}

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');
const isContainer = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** @returns every leaf in which two JSON values differ, in the order of their pointers */
export function differences(before: unknown, after: unknown, pointer = ''): Difference[] {
  if (before === after) return [];
  if (!isContainer(before) || !isContainer(after)) return [{ pointer, before, after }];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.flatMap((key) => differences(before[key], after[key], `${pointer}/${escaped(key)}`));
}
