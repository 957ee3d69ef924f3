/** Why a value can't be stored, and where: an RFC 6901 JSON pointer. */
export class NotStorable extends Error {
  override readonly name = 'NotStorable';

  constructor(
    /** RFC 6901; empty for the whole value. */
    readonly pointer: string,
    readonly reason: string,
  ) {
    super(`${pointer === '' ? 'The value' : pointer} ${reason}`);
  }
}

const MAX_DEPTH = 64;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Refuses what would not come back from the log as it went in: U+0000 and lone surrogates (in names too), numbers outside
 * ±(2⁵³−1), anything that is not JSON, and nesting deeper than 64.
 * @throws NotStorable with the pointer to the first fault
 */
export function assertStorable(value: unknown, pointer = '', depth = 0): void {
  if (typeof value === 'string') assertText(value, pointer);
  else if (typeof value === 'number') assertNumber(value, pointer);
  else if (typeof value === 'object' && value !== null) assertNested(value, pointer, depth);
  else if (value !== null && typeof value !== 'boolean')
    throw new NotStorable(pointer, `is no JSON: ${typeof value}.`);
}

function assertNested(value: object, pointer: string, depth: number): void {
  if (depth === MAX_DEPTH) throw new NotStorable(pointer, `is nested deeper than ${MAX_DEPTH}.`);
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) assertStorable(item, `${pointer}/${index}`, depth + 1);
    return;
  }
  if (Object.prototype.toString.call(value) !== '[object Object]')
    throw new NotStorable(pointer, 'is no plain object.');
  for (const [name, member] of Object.entries(value)) {
    const place = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    assertText(name, place);
    if (member !== undefined) assertStorable(member, place, depth + 1);
  }
}

function assertText(text: string, pointer: string): void {
  if (text.includes('\u0000')) throw new NotStorable(pointer, 'contains U+0000.');
  if (LONE_SURROGATE.test(text)) throw new NotStorable(pointer, 'contains a lone surrogate.');
}

function assertNumber(value: number, pointer: string): void {
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER))
    throw new NotStorable(pointer, `is ${value}: numbers must lie within ±(2⁵³−1).`);
}
