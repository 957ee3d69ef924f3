import type { MarkdownText } from './compare-text.js';

export type Topic = 'support' | 'deprecation' | 'retirement';

/** Which days are said of which topic. */
export interface DatesByTopic {
  readonly days: Readonly<Record<Topic, readonly string[]>>;
  /** Written like days, and in no calendar. */
  readonly noDays: readonly string[];
  /** A period is said of deprecation. */
  readonly noticeOfDeprecation: boolean;
}

const TOKEN =
  /(?<support>\b(?:un)?support\w*|\bmaintain\w*|\bmaintenance\b)|(?<deprecation>\bdeprecat\w*)|(?<retirement>\bretire\w*|\bend[\s-]of[\s-]life\b|\bsunset\w*|\bremov\w*|\bswitched off\b)|(?<day>\b\d{4}-\d{2}-\d{2}\b)|(?<period>\bP\d+[DWMY]\b|\b(?:\d+|one|two|three|four|five|six|nine|ten|twelve|eighteen|twenty-four)\s+(?:day|week|month|year)s?\b)/gi;
const TOPICS: readonly Topic[] = ['support', 'deprecation', 'retirement'];

interface Found {
  readonly days: Record<Topic, string[]>;
  readonly noDays: Set<string>;
  noticeOfDeprecation: boolean;
}

/**
 * Reads which topic each day belongs to: the last topic named before it in its sentence or cell, else the first after it, else that of
 * the heading above. In a table the heading of the column and the first cell of the row come first.
 */
export function datesByTopic({ sections }: MarkdownText): DatesByTopic {
  const found: Found = {
    days: { support: [], deprecation: [], retirement: [] },
    noDays: new Set(),
    noticeOfDeprecation: false,
  };
  for (const { heading, prose } of sections)
    for (const statement of statementsOf(prose)) readStatement(statement, topicOf(heading), found);
  return { ...found, noDays: [...found.noDays] };
}

const topicOf = (heading: string): Topic | null => {
  const named = [...heading.matchAll(TOKEN)].flatMap(({ groups }) =>
    TOPICS.filter((topic) => groups?.[topic] !== undefined),
  );
  return new Set(named).size === 1 ? (named[0] ?? null) : null;
};

function readStatement(statement: string, above: Topic | null, found: Found): void {
  const tokens = [...statement.matchAll(TOKEN)].map(({ groups }) => groups ?? {});
  const topicIn = (token: Readonly<Record<string, string | undefined>>): Topic | undefined =>
    TOPICS.find((topic) => token[topic] !== undefined);
  let topic = tokens.map(topicIn).find((named) => named !== undefined) ?? above;
  for (const token of tokens) {
    topic = topicIn(token) ?? topic;
    const { day, period } = token;
    if (day !== undefined && !isDay(day)) found.noDays.add(day);
    else if (day !== undefined && topic !== null) found.days[topic].push(day);
    if (period !== undefined && topic === 'deprecation') found.noticeOfDeprecation = true;
  }
}

const cellsOf = (row: string): readonly string[] =>
  row
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());

/** Sentences over the lines of a paragraph; one statement for each cell of a table. */
function statementsOf(prose: readonly string[]): readonly string[] {
  const statements: string[] = [];
  let paragraph: string[] = [];
  let columns: readonly string[] | null = null;
  const close = (): void => {
    statements.push(...paragraph.join(' ').split(/(?<=[.!?;])\s+/));
    paragraph = [];
  };
  for (const line of prose) {
    const isRow = line.trimStart().startsWith('|');
    if (isRow || line.trim() === '' || /^\s*[-*+]\s|^\s*\d+\.\s/.test(line)) close();
    if (!isRow) {
      columns = null;
      paragraph.push(line);
    } else if (columns === null) columns = cellsOf(line);
    else statements.push(...rowStatements(cellsOf(line), columns));
  }
  close();
  return statements;
}

const rowStatements = ([first = '', ...cells]: readonly string[], columns: readonly string[]) => [
  first,
  ...cells.map((cell, index) => `${first} ${columns[index + 1] ?? ''} ${cell}`),
];

/** @returns true for a day that is in the calendar */
export const isDay = (text: string): boolean => {
  const parsed = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
};
