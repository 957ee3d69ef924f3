import { isObject, pointerOf } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';

/** A text inside a document. */
export interface TextPlace {
  readonly text: string;
  readonly pointer: string;
  readonly key: string;
  /** Of code, where no pointer leads. */
  readonly line?: number;
}

/** What is written for people says nothing about what is done. */
const WORDS = new Set(['description', 'summary', 'title', 'reason', 'purpose', 'x-readme', '$comment']);

/** @returns every text of a document but those written for people; walks without recursion */
export function textsOf(root: Json): readonly TextPlace[] {
  const found: TextPlace[] = [];
  const open: { value: Json; pointer: string; key: string }[] = [{ value: root, pointer: '', key: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, pointer, key } = next;
    if (typeof value === 'string') found.push({ text: value, pointer, key });
    if (!isObject(value) && !Array.isArray(value)) continue;
    for (const [name, child] of Object.entries(value))
      if (!WORDS.has(name) || typeof child !== 'string')
        open.push({
          value: child as Json,
          pointer: pointer + pointerOf(name),
          key: Array.isArray(value) ? key : name,
        });
  }
  return found.reverse();
}
