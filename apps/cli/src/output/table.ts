import Table from 'cli-table3';

/** @returns the rows as aligned columns without borders, one line a row, ending in a line feed; '' for no rows */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  if (rows.length === 0) return '';
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: '  ',
  };
  const lines = new Table({
    head: [...head],
    chars: none,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  for (const row of rows) lines.push(row.map((cell) => (cell === null ? '–' : printable(String(cell)))));
  return `${lines.toString().replace(/ +$/gm, '')}\n`;
}

/** @returns the text on one line, without control characters that could move the cursor or forge a line */
export const printable = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

/** @returns the reason, or null where the sentence says it already */
export const furtherReason = (sentence: string, reason: string | null): string | null =>
  reason === null || sentence.includes(reason) ? null : reason;
