import { applyFix, type Finding, type Fix } from '@kwanus/checks-kit';
import type { Json, JsonObject } from '@kwanus/kernel';

/** @returns the fix of a finding as SARIF writes it, a replaced region of the file; nothing where there is none */
export function sarifFixes(
  { fix, remedy }: Finding,
  textOf: (file: string) => string | null,
  uriOf: (file: string) => string,
): { readonly fixes?: Json } {
  const text = fix === undefined ? null : textOf(fix.file);
  if (fix === undefined || text === null) return {};
  return {
    fixes: [
      {
        description: { text: remedy },
        artifactChanges: [
          { artifactLocation: { uri: uriOf(fix.file) }, replacements: [replacementOf(text, fix)] },
        ],
      },
    ],
  };
}

function replacementOf(before: string, fix: Fix): JsonObject {
  const after = applyFix(before, fix);
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let same = 0;
  while (same < shorter - start && before.at(-1 - same) === after.at(-1 - same)) same += 1;
  const end = before.length - same;
  const [first, last] = [placeIn(before, start), placeIn(before, end)];
  return {
    deletedRegion: {
      startLine: first.line,
      startColumn: first.column,
      endLine: last.line,
      endColumn: last.column,
    },
    insertedContent: { text: after.slice(start, after.length - same) },
  };
}

function placeIn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const begin = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - begin + 1 };
}
