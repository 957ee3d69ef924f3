/** What the written rule says of a change. */
export type Label = 'breaks' | 'safe' | 'silent';
export type Side = 'sent' | 'received' | 'effect';

const LABELS: readonly string[] = ['breaks', 'safe', 'silent'];

/** @returns the tables of docs/reference/contract-changes.md: by id, the label for each side */
export function writtenRule(markdown: string): ReadonlyMap<string, Readonly<Partial<Record<Side, Label>>>> {
  const rows = new Map<string, Partial<Record<Side, Label>>>();
  for (const line of markdown.split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim());
    const [, id = '', , ...labels] = cells.slice(0, -1);
    if (labels.length === 0 || !labels.every((label) => LABELS.includes(label))) continue;
    const [one, other] = labels as Label[];
    if (one !== undefined)
      rows.set(id, other === undefined ? { effect: one } : { sent: one, received: other });
  }
  return rows;
}
