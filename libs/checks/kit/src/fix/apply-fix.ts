import type { Json } from '@kwanus/kernel';
import { type Document, parseDocument } from 'yaml';
import { segmentsOf } from '../pointer.js';
import { edited } from './edit-text.js';
import type { Fix, PatchOperation } from './fix.js';

/**
 * @param text of the file that the fix names
 * @returns the mended text; comments and layout of everything else stay
 */
export function applyFix(text: string, fix: Fix): string {
  if ('append' in fix) return `${text.trimEnd()}\n\n${fix.append}\n`;
  return fix.patch.reduce((sofar, operation) => applied(sofar, operation, fix.file), text);
}

const parsed = (text: string): Document => parseDocument(text, { stringKeys: true });
const isJson = (file: string): boolean => file.endsWith('.json');
const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Edits the text in its place where this comes to the data that is meant, else writes the document anew. */
function applied(text: string, operation: PatchOperation, file: string): string {
  const document = parsed(text);
  const attempt = edited(text, document, operation, isJson(file));
  change(document, operation);
  const wanted = document.toJS() as Json;
  if (attempt !== null) {
    const found = parsed(attempt);
    if (found.errors.length === 0 && same(found.toJS(), wanted)) return attempt;
  }
  return isJson(file) ? `${JSON.stringify(wanted, null, 2)}\n` : document.toString({ lineWidth: 0 });
}

function change(document: Document, operation: PatchOperation): void {
  const segments = [...segmentsOf(operation.path)];
  if (operation.op === 'remove') {
    document.deleteIn(segments);
    return;
  }
  const last = segments.at(-1);
  if (last === '-') {
    document.addIn(
      segments.slice(0, -1),
      document.createNode(operation.value, { aliasDuplicateObjects: false }),
    );
    return;
  }
  document.setIn(segments, document.createNode(operation.value, { aliasDuplicateObjects: false }));
}
