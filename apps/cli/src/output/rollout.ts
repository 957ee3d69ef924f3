import type { rolloutHttp } from '@kwanus/contracts';
import type { z } from 'zod';
import { printable, table } from './table.js';

type View = z.infer<typeof rolloutHttp.AnyRolloutView>;
type Rollout = z.infer<typeof rolloutHttp.RolloutView>;

/** @returns where a rollout stands: its steps, what it waits for, and the numbers behind what was decided */
export function rolloutText(view: View): string {
  if ('reason' in view) return `${view.rolloutId}: refused: ${printable(view.reason)} (${view.code})\n`;
  return [
    `${view.rolloutId}: ${view.status}, ${view.type} rollout for ${view.risk.level} risk${reasons(view.risk.reasons)}`,
    `playbook ${view.policy.version}; ${view.previous === null ? 'replaces nothing' : `replaces ${view.previous}`}; planned ${view.plannedAt}`,
    '',
    stepsText(view),
    ...presentLines(view),
  ].join('\n');
}

const reasons = (all: readonly string[]): string =>
  all.length === 0 ? '' : ` (${printable(all.join(', '))})`;

function stepsText({ steps, stepIndex, phase, status, approvals }: Rollout): string {
  const over = status === 'completed' || phase === 'bake';
  const rows = steps.map(({ id, percent, allowList, minDwell, minRequests, approvals: asked }, index) => [
    over || index < stepIndex ? '✓' : index === stepIndex ? '▶' : '·',
    id,
    allowList === 'none' ? `${percent} %` : `${percent} % and ${allowList}`,
    `${minDwell}, ${minRequests} requests`,
    asked
      .map((body) => (approvals.some((one) => one.step === id && one.body === body) ? `${body} ✓` : body))
      .join(' '),
  ]);
  return table(['', 'step', 'exposed', 'stays at least', 'approvals'], rows);
}

function presentLines(view: Rollout): string[] {
  const { since, requests, minRequests, minDwell, awaiting, dueAt } = view;
  const lines = [
    since === null
      ? 'not begun'
      : `since ${since}: ${requests} of ${minRequests} requests; at least ${minDwell}`,
    ...(awaiting.length > 0 ? [`waits for ${awaiting.join(', ')}`] : []),
    ...judgementLines(view),
    ...(dueAt === null ? [] : [`looked at again at ${dueAt} at the latest`]),
  ];
  return [`${lines.join('\n')}\n`];
}

function judgementLines({ hold, verdict, rollback }: Rollout): string[] {
  const lines: string[] = [];
  if (hold !== null) lines.push(`held since ${hold.since}: ${printable(hold.reason)} (${hold.code})`);
  if (verdict !== null)
    lines.push(
      `last verdict: ${verdict.verdict}, window ${verdict.window.from} to ${verdict.window.to}`,
      ...verdict.reasons.map((reason) => `  ${printable(reason)}`),
    );
  if (rollback !== null)
    lines.push(
      `rolled back ${rollback.automatic ? 'by itself ' : ''}to ${rollback.to ?? 'nothing'} at ${rollback.decidedAt}: ${printable(rollback.reason)}`,
    );
  return lines;
}
