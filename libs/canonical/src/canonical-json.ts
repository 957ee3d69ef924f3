import type { Json } from '@kwanus/kernel';

/**
 * @param value anything that `assertStorable` accepts; members that are undefined are left out, as in JSON.stringify
 * @returns its one canonical text (RFC 8785): members sorted by UTF-16 code units, numbers and strings as ECMAScript writes them
 * @throws NotCanonical for what JSON can't carry (NaN, Infinity, functions, undefined at the top or in an array)
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return scalar(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  let text = '';
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}

/** A value that has no canonical form. */
export class NotCanonical extends TypeError {
  override readonly name = 'NotCanonical';
}

const isArray = (value: object): value is readonly Json[] => Array.isArray(value);

function scalar(value: Json): string {
  const text = typeof value === 'number' && !Number.isFinite(value) ? undefined : JSON.stringify(value);
  if (text === undefined)
    throw new NotCanonical(`JSON has no form for a ${typeof value} that is not finite or not data.`);
  return text;
}
