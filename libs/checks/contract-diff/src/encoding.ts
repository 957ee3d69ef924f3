import { own, ownObject, ownText, pointerOf } from '@kwanus/checks-kit';
import type { Json } from '@kwanus/kernel';
import type { Comparison } from './report.js';
import type { Located, Place } from './types.js';

/** How the parts of a form are written: their media types, and how lists are spread. */
export function compareEncoding(
  comparison: Comparison,
  [base, revision]: readonly [Located, Located],
  place: Place,
): void {
  const before = ownObject(base.value, 'encoding');
  const after = ownObject(revision.value, 'encoding');
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [own(before, name), own(after, name)];
    for (const [what, text] of changesOf(was, is, place))
      comparison.report(`${place.kind}-encoding-${what}`, 'error', {
        pointer: revision.pointer + (is === undefined ? '' : pointerOf('encoding', name)),
        subject: `${place.label}/${name}`,
        text: `${place.label}/${name}: ${text}`,
      });
  }
}

function changesOf(
  was: Json | undefined,
  is: Json | undefined,
  { direction }: Place,
): readonly (readonly [what: string, text: string])[] {
  const [before, after] = [typesOf(was), typesOf(is)];
  const [given, taken] = direction === 'request' ? [before, after] : [after, before];
  const lost =
    before === null || after === null ? [] : (given ?? []).filter((type) => !holds(taken ?? [], type));
  const [style, other] = [styleOf(was), styleOf(is)];
  return [
    ...lost.map(
      (type) =>
        ['type-changed', `is ${direction === 'request' ? 'no longer taken' : 'written'} as ${type}`] as const,
    ),
    ...(style === other ? [] : [['style-changed', `is written as ${other}, was ${style}`] as const]),
  ];
}

/** @returns the media types of a part; null where only its schema tells */
const typesOf = (encoding: Json | undefined): readonly string[] | null =>
  ownText(encoding, 'contentType')
    ?.split(',')
    .map((type) => type.trim().toLowerCase()) ?? null;

const holds = (types: readonly string[], type: string): boolean =>
  types.some(
    (range) =>
      range === type || range === '*/*' || (range.endsWith('/*') && type.startsWith(range.slice(0, -1))),
  );

function styleOf(encoding: Json | undefined): string {
  const style = ownText(encoding, 'style') ?? 'form';
  const explode = own(encoding, 'explode');
  return `${style}${(typeof explode === 'boolean' ? explode : style === 'form') ? ', exploded' : ''}`;
}
