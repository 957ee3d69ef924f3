/** @returns the anchor that Markdown renderers make of a heading: lower case, words joined by hyphens */
export const slugOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s+/g, '-');

/** A Markdown text as far as the checks need it. */
export interface MarkdownText {
  readonly headings: readonly string[];
  /** Of headings (numbered when they repeat) and of `<a id>` and `{#id}`. */
  readonly anchors: ReadonlySet<string>;
  readonly links: readonly { readonly target: string; readonly line: number }[];
  /** Letters and digits outside code fences, in words. */
  readonly words: number;
}

const FENCE = /^\s{0,3}(`{3,}|~{3,})/;
const LINK =
  /!?\[[^\]\n]*\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"\n]*")?\s*\)|^\s{0,3}\[[^\]\n]+\]:\s*<?(\S+?)>?\s*$/g;
const LONGEST_LINE = 20_000;

/** @returns headings, anchors and links; code fences are left out */
export function markdownText(text: string): MarkdownText {
  const found = { headings: [] as string[], anchors: new Set<string>(), links: [] as Link[], words: 0 };
  let fence: string | null = null;
  for (const [index, whole] of text.split('\n').entries()) {
    const line = whole.slice(0, LONGEST_LINE);
    const mark = FENCE.exec(line)?.[1];
    if (mark !== undefined && (fence === null || mark.startsWith(fence)))
      fence = fence === null ? mark : null;
    if (fence === null && mark === undefined) readLine(line, index + 1, found);
  }
  return found;
}

interface Link {
  readonly target: string;
  readonly line: number;
}

interface Collected {
  readonly headings: string[];
  readonly anchors: Set<string>;
  readonly links: Link[];
  words: number;
}

function readLine(line: string, number: number, found: Collected): void {
  const heading = /^\s{0,3}#{1,6}\s+(.*?)\s*#*\s*$/.exec(line)?.[1];
  if (heading !== undefined) addHeading(heading, found.headings, found.anchors);
  for (const anchor of captured(line, /<a\s+(?:id|name)="([^"]+)"|\{#([^}\s]+)\}/g))
    found.anchors.add(anchor);
  for (const target of captured(line.replace(/`[^`]*`/g, ''), LINK))
    found.links.push({ target, line: number });
  found.words += line.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
}

/** @returns what the first or the second group of the pattern caught, each time */
const captured = (line: string, pattern: RegExp): readonly string[] =>
  [...line.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '');

function addHeading(heading: string, headings: string[], anchors: Set<string>): void {
  headings.push(heading);
  const slug = slugOf(heading.replace(/\{#[^}]*\}/g, ''));
  let anchor = slug;
  for (let copy = 1; anchors.has(anchor); copy += 1) anchor = `${slug}-${copy}`;
  anchors.add(anchor);
}
