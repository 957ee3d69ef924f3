import { isObject, pointerOf } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';

/** A place of the manifest where something is still to be written, and what. */
export interface Unwritten {
  readonly pointer: string;
  readonly what: string;
}

const TO_WRITE = /^\{\{(.*)\}\}$/s;
/** Domains below `invalid` receive no mail (RFC 2606). */
const NO_ADDRESS = /@(?:[^@]*\.)?invalid$/i;

/** @returns what `kwanus init` left to a person: texts in `{{…}}`, and addresses that no mail reaches */
export function unwrittenIn(value: Json, pointer = ''): readonly Unwritten[] {
  if (typeof value === 'string') {
    const what =
      TO_WRITE.exec(value)?.[1]?.trim() ??
      (NO_ADDRESS.test(value) ? 'an address that reaches whoever answers for it' : null);
    return what === null ? [] : [{ pointer, what }];
  }
  const children = isObject(value) || Array.isArray(value) ? Object.entries(value) : [];
  return children.flatMap(([key, child]) => unwrittenIn(child as Json, pointer + pointerOf(key)));
}
