/** @returns the anchor that Markdown renderers make of a heading: lower case, words joined by hyphens */
export const slugOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s+/g, '-');

/** A heading, and what stands under it up to the next one. What stands before the first has the heading ''. */
export interface MarkdownSection {
  readonly heading: string;
  /** 1 for `#`; 0 for what stands before the first heading. */
  readonly level: number;
  readonly anchors: ReadonlySet<string>;
  /** Lines outside code fences, without the heading. */
  readonly prose: readonly string[];
  readonly code: readonly string[];
}

/** A Markdown text as far as the checks need it. */
export interface MarkdownText {
  readonly sections: readonly MarkdownSection[];
  readonly headings: readonly string[];
  /** Of headings (numbered when they repeat) and of `<a id>` and `{#id}`. */
  readonly anchors: ReadonlySet<string>;
  readonly links: readonly { readonly target: string; readonly line: number }[];
  /** Words of letters and digits outside code fences and headings: what is really said. */
  readonly words: number;
}

const FENCE = /^\s{0,3}(`{3,}|~{3,})/;
const COMMENT = /<!--[\s\S]*?(?:-->|$)/g;
const LINK =
  /!?\[[^\]\n]*\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"\n]*")?\s*\)|^\s{0,3}\[[^\]\n]+\]:\s*<?(\S+?)>?\s*$/g;
const LONGEST_LINE = 20_000;

/** @returns headings, anchors, links and sections; comments are left out, code fences are kept apart */
export function markdownText(text: string): MarkdownText {
  const found = new Collected();
  let fence: string | null = null;
  for (const [index, whole] of withoutComments(text).split('\n').entries()) {
    const line = whole.slice(0, LONGEST_LINE);
    const mark = FENCE.exec(line)?.[1];
    if (mark !== undefined && (fence === null || mark.startsWith(fence)))
      fence = fence === null ? mark : null;
    else if (fence === null) found.read(line, index + 1);
    else found.code(line);
  }
  return found;
}

/** Lines stay where they are. */
const withoutComments = (text: string): string =>
  text.replace(COMMENT, (comment) => comment.replace(/[^\n]/g, ''));

interface OpenSection extends MarkdownSection {
  readonly anchors: Set<string>;
  readonly prose: string[];
  readonly code: string[];
}

class Collected implements MarkdownText {
  readonly sections: OpenSection[] = [section('', 0)];
  readonly headings: string[] = [];
  readonly anchors = new Set<string>();
  readonly links: { readonly target: string; readonly line: number }[] = [];
  words = 0;

  read(line: string, number: number): void {
    const [, marks, heading] = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line) ?? [];
    if (marks !== undefined && heading !== undefined) this.#open(heading, marks.length);
    for (const anchor of captured(line, /<a\s+(?:id|name)="([^"]+)"|\{#([^}\s]+)\}/g)) this.#anchor(anchor);
    for (const target of captured(line.replace(/`[^`]*`/g, ''), LINK))
      this.links.push({ target, line: number });
    if (heading !== undefined) return;
    this.#last.prose.push(line);
    this.words += wordsOf(line);
  }

  code(line: string): void {
    this.#last.code.push(line);
  }

  get #last(): OpenSection {
    return this.sections.at(-1) ?? section('', 0);
  }

  #open(heading: string, level: number): void {
    this.headings.push(heading);
    this.sections.push(section(heading, level));
    const slug = slugOf(heading.replace(/\{#[^}]*\}/g, ''));
    let anchor = slug;
    for (let copy = 1; this.anchors.has(anchor); copy += 1) anchor = `${slug}-${copy}`;
    this.#anchor(anchor);
  }

  #anchor(anchor: string): void {
    this.anchors.add(anchor);
    this.#last.anchors.add(anchor);
  }
}

const section = (heading: string, level: number): OpenSection => ({
  heading,
  level,
  anchors: new Set(),
  prose: [],
  code: [],
});

/** @returns how many words of letters and digits the text has; markup has none */
export const wordsOf = (text: string): number =>
  text.replace(/<[^>\n]*>/g, ' ').match(/[\p{L}\p{N}]+/gu)?.length ?? 0;

/** @returns what the first or the second group of the pattern caught, each time */
const captured = (line: string, pattern: RegExp): readonly string[] =>
  [...line.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '');

/** @returns the text without comments, one blank for markup of tables, emphasis and code: what a reader sees */
export const readableText = (text: string): string =>
  withoutComments(text)
    .replace(/[|`*]+/g, ' ')
    .replace(/[ \t]+/g, ' ');

/** @returns the section and all that are under it */
export function withSubsections(
  { sections }: MarkdownText,
  start: MarkdownSection,
): readonly MarkdownSection[] {
  const from = sections.indexOf(start);
  const after = sections.findIndex(({ level }, index) => index > from && level <= start.level);
  return sections.slice(from, after === -1 ? undefined : after);
}

/** @returns true when the word stands in the text by itself, not as part of a longer one */
export const mentions = (text: string, word: string): boolean => {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1))
    if (!/[\w-]/.test(text[at - 1] ?? ' ') && !/[\w-]/.test(text[at + word.length] ?? ' ')) return true;
  return false;
};
