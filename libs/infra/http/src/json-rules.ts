import { HttpProblem } from './problem.js';

/** How deep objects and arrays may stand in each other. */
export const DEEPEST = 32;
const LONE_SURROGATE = /\p{Surrogate}/u;

interface Place {
  readonly value: unknown;
  readonly pointer: string;
  readonly depth: number;
}

/**
 * Refuses what is JSON and must not come in: too deep, `__proto__`, U+0000, lone surrogates, numbers that JavaScript can't hold
 * exactly. Walks without recursion.
 * @throws HttpProblem malformed-request (too deep), payload-refused
 */
export function checkJson(body: unknown): void {
  const open: Place[] = [{ value: body, pointer: '', depth: 1 }];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { value, pointer, depth } = place;
    if (typeof value === 'string') checkText(value, pointer);
    else if (typeof value === 'number') checkNumber(value, pointer);
    else if (typeof value === 'object' && value !== null) {
      if (depth > DEEPEST)
        throw new HttpProblem('malformed-request', `The body is nested deeper than ${DEEPEST} levels.`);
      for (const [key, child] of Object.entries(value)) {
        const at = `${pointer}/${escaped(key)}`;
        checkKey(key, at);
        open.push({ value: child, pointer: at, depth: depth + 1 });
      }
    }
  }
}

/** @returns a key as a part of an RFC 6901 pointer, short enough to be answered */
export const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1').slice(0, 100);

function checkKey(key: string, pointer: string): void {
  if (key === '__proto__') throw refusal(pointer, 'is a name that can’t be used');
  checkText(key, pointer);
}

function checkText(text: string, pointer: string): void {
  if (text.includes('\u0000')) throw refusal(pointer, 'contains U+0000');
  if (LONE_SURROGATE.test(text)) throw refusal(pointer, 'contains half of a surrogate pair');
}

function checkNumber(value: number, pointer: string): void {
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) throw refusal(pointer, 'is outside ±(2^53 − 1)');
}

function refusal(pointer: string, message: string): HttpProblem {
  const printable = pointer.replaceAll(/[\p{Cc}\p{Surrogate}]/gu, '\ufffd');
  return new HttpProblem('payload-refused', `${printable} ${message}.`, {
    errors: [{ pointer: printable, message }],
  });
}
