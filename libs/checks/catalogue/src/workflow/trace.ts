import { type Finding, own, ownList, ownText, presentable } from '@kwanus/checks-kit';

/** A path through a workflow: what happened at each task, and how it came out. */
export interface Trace {
  readonly start: string;
  readonly steps: readonly { readonly task: string; readonly outcome: string }[];
  readonly end: string;
}

const LONGEST = 24;

/** @returns the trace as it is shown: a long one keeps its beginning and its end, texts are fit for the log */
export function shownTrace({ start, steps, end }: Trace): Trace {
  const half = LONGEST / 2;
  const left = { task: `… ${steps.length - LONGEST} tasks …`, outcome: '' };
  const kept = steps.length <= LONGEST ? steps : [...steps.slice(0, half), left, ...steps.slice(-half)];
  return {
    start,
    steps: kept.map(({ task, outcome }) => ({ task: clipped(task), outcome: clipped(outcome) })),
    end: clipped(end),
  };
}

/** @returns the trace that a finding carries among its facts; null where it carries none */
export function traceOf({ facts }: Pick<Finding, 'facts'>): Trace | null {
  const trace = own(facts, 'trace');
  const [start, end] = [ownText(trace, 'start'), ownText(trace, 'end')];
  if (start === undefined || end === undefined) return null;
  const steps = ownList(trace, 'steps').map((step) => ({
    task: ownText(step, 'task') ?? '',
    outcome: ownText(step, 'outcome') ?? '',
  }));
  return { start, steps, end };
}

/** @returns the trace as lines of text */
export const traceLines = (trace: Trace): readonly string[] => [
  trace.start,
  ...trace.steps.map(({ task, outcome }) => (outcome === '' ? `→ ${task}` : `→ ${task}: ${outcome}`)),
  `⇥ ${trace.end}`,
];

/** @returns the trace as a Mermaid flow chart */
export function traceMermaid(trace: Trace): string {
  const { steps } = trace;
  const last = steps.length + 1;
  return [
    'flowchart TD',
    `  n0([${quoted(trace.start)}]) --> n1`,
    ...steps.map(({ task, outcome }, index) => {
      const arrow = outcome === '' ? '-->' : `-- ${quoted(outcome)} -->`;
      return `  n${index + 1}[${quoted(task)}] ${arrow} n${index + 2}`;
    }),
    `  n${last}{{${quoted(trace.end)}}}`,
    '',
  ].join('\n');
}

/** Mermaid reads entities, `#` begins one. */
const quoted = (text: string): string =>
  `"${text.replaceAll(/["#&<>`\\\p{Cc}]/gu, (sign) => `#${sign.codePointAt(0) ?? 32};`)}"`;

const BOX = { left: 20, width: 560, height: 36, gap: 40 } as const;

/** @returns the trace as an SVG picture that needs nothing else: no script, no font, no address */
export function traceSvg(trace: Trace): string {
  const { steps } = trace;
  const boxes = [trace.start, ...steps.map(({ task }) => task), trace.end];
  const arrows = ['', ...steps.map(({ outcome }) => outcome)];
  const pitch = BOX.height + BOX.gap;
  const height = boxes.length * pitch;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="${height}" viewBox="0 0 600 ${height}" role="img" font-family="sans-serif" font-size="14">`,
    `<title>${escaped(`${trace.start}: ${trace.end}`)}</title>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>',
    ...boxes.map((text, index) => box(text, index * pitch + 4, index === boxes.length - 1)),
    ...arrows.map((text, index) => arrow(text, index * pitch + 4 + BOX.height)),
    '</svg>',
    '',
  ].join('\n');
}

const box = (text: string, y: number, isEnd: boolean): string =>
  `<rect x="${BOX.left}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="${isEnd ? 18 : 4}" fill="${isEnd ? '#fde8e8' : '#f3f4f6'}" stroke="#374151"/>` +
  `<text x="300" y="${y + 23}" text-anchor="middle">${escaped(text)}</text>`;

const arrow = (text: string, y: number): string =>
  `<line x1="300" y1="${y}" x2="300" y2="${y + BOX.gap}" stroke="#374151" marker-end="url(#tip)"/>` +
  `<text x="312" y="${y + 25}">${escaped(text)}</text>`;

const WIDEST = 70;

/** The end of a long path says more than its beginning. */
function clipped(text: string): string {
  const clean = presentable(text);
  return clean.length <= WIDEST ? clean : `…${clean.slice(-WIDEST).replace(/^[\uDC00-\uDFFF]/, '')}`;
}

/** Only what XML may hold, and nothing that it reads as its own. */
const escaped = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\uFFFE\uFFFF]/gu, '\uFFFD')
    .replaceAll(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0) ?? 32};`);
