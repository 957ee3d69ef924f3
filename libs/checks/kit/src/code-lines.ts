/** A line of code, or a part of a long one, and where it begins. */
export interface CodeLine {
  readonly text: string;
  /** 1 for the first. */
  readonly line: number;
}

const LONGEST = 100_000;
/** So much of a part stands in the next one too: what is looked for is shorter. */
const OVERLAP = 500;
/** Two texts that are put together: `'a' + "b"`, also over the end of a line. */
const JOINED = /["'`]\s*\+\s*["'`]/g;
/** Stands for the end of a line inside a text that was put together. */
const LINE_END = '\u0001';

/** @returns the lines of the code; texts that are put together from written-out parts are one text, on the line where they begin */
export function codeLines(code: string): readonly CodeLine[] {
  const joined = code
    .replaceAll(LINE_END, ' ')
    .replace(JOINED, (between) => LINE_END.repeat(between.split('\n').length - 1));
  let line = 1;
  return joined.split('\n').flatMap((text) => {
    const at = line;
    line += text.split(LINE_END).length;
    return partsOf(text.replaceAll(LINE_END, '')).map((part) => ({ text: part, line: at }));
  });
}

function partsOf(text: string): readonly string[] {
  if (text.length <= LONGEST) return [text];
  const parts: string[] = [];
  for (let at = 0; at < text.length; at += LONGEST - OVERLAP) parts.push(text.slice(at, at + LONGEST));
  return parts;
}

const ADDRESS = /\b[a-z][a-z0-9+.-]{0,30}:(?:\\?\/){2}[^\s"'`<>)\]},;]*/gi;
/** `https://${…}`, and no more than that: what follows a brace is an expression. */
const AT_RUN_TIME = /:(?:\\?\/){2}[^\s"'`/]*\$\{/;

/** @returns the addresses that stand in a line of code; one whose host is put together keeps its `${` */
export const addressesIn = (text: string): readonly string[] =>
  [...text.matchAll(ADDRESS)].map(([address]) => {
    const plain = address.replaceAll('\\/', '/');
    return AT_RUN_TIME.test(plain) ? plain : plain.replace(/\$\{.*$/, '');
  });
