/** Where something begins that a browser loads nothing for: names of namespaces, and tags of links. */
const NAMESPACE = /\bxmlns(?::\w+)?\s*=\s*["']/g;
const LINK = /<a\s/gi;

/** @returns the markup without what loads nothing; goes through it once, however often something begins that never ends */
export const loadedMarkup = (markup: string): string =>
  without(
    without(markup, NAMESPACE, (begin) => begin.slice(-1)),
    LINK,
    () => '>',
  );

function without(text: string, begins: RegExp, endOf: (begin: string) => string): string {
  const neverCome = new Set<string>();
  let kept = '';
  let from = 0;
  for (const { 0: begin, index } of text.matchAll(begins)) {
    const end = endOf(begin);
    if (index < from || neverCome.has(end)) continue;
    const at = text.indexOf(end, index + begin.length);
    if (at === -1) neverCome.add(end);
    else {
      kept += text.slice(from, index);
      from = at + end.length;
    }
  }
  return kept + text.slice(from);
}
