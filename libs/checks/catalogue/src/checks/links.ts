import type { CheckRun } from '../run/check-run.js';
import { type MarkdownText, markdownText } from '../run/compare-text.js';

/** Links into the submission must lead to a file, and to an anchor that is there. */
export async function checkLinks(
  run: CheckRun,
  file: string,
  { links, anchors }: MarkdownText,
): Promise<void> {
  for (const { target } of links) {
    if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(target)) continue;
    const [path = '', anchor] = target.split('#', 2);
    const resolved = resolveInside(file, decode(path));
    const fault = await linkFault(run, { resolved, anchor, anchors, isHere: path === '' });
    if (fault !== null)
      await run.blocks('DC803', {
        file,
        subject: target,
        message: `The link ${target} ${fault}.`,
        why: 'Readers follow it.',
        remedy: 'Correct it, or add what it leads to.',
      });
  }
}

const decode = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

/** @returns the path from the root of the submission, null when it leads out of it */
function resolveInside(from: string, path: string): string | null {
  const parts = path.startsWith('/') ? [] : from.split('/').slice(0, -1);
  for (const part of path.split('/')) {
    if (part === '..' && parts.pop() === undefined) return null;
    if (part !== '..' && part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

interface LinkTarget {
  readonly resolved: string | null;
  readonly anchor: string | undefined;
  readonly anchors: ReadonlySet<string>;
  readonly isHere: boolean;
}

async function linkFault(
  run: CheckRun,
  { resolved, anchor, anchors, isHere }: LinkTarget,
): Promise<string | null> {
  const names = anchor ?? '';
  if (isHere) return names === '' || anchors.has(names) ? null : 'leads to a heading that is not there';
  if (resolved === null) return 'leads out of the submission';
  const { files } = run.inputs.submission;
  if (files.some(({ path }) => path.startsWith(`${resolved}/`))) return null;
  if (!files.some(({ path }) => path === resolved)) return 'leads to a file that is not in the submission';
  return names === '' ? null : anchorFault(run, resolved, names);
}

async function anchorFault(run: CheckRun, path: string, anchor: string): Promise<string | null> {
  if (!path.endsWith('.md')) return null;
  const text = await run.inspection.text(path);
  return text !== null && markdownText(text).anchors.has(anchor)
    ? null
    : `leads to a heading that is not in ${path}`;
}
