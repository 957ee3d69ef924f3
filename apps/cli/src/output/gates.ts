import type { intakeHttp } from '@kwanus/contracts';
import type { z } from 'zod';
import { printable } from './table.js';

type Gates = z.infer<typeof intakeHttp.GatesView>;
const MARKS = { passed: '✓', current: '▶', ahead: '·' } as const;

/** @returns the seven steps of each release, with what is missing in the current one and who must act */
export function gatesText(gates: Gates, release: string | null = null): string {
  const lines: string[] = [];
  for (const shown of gates.releases.filter((one) => release === null || one.release === release)) {
    lines.push(`${gates.integrationId} ${shown.release}: step ${shown.step}, ${shown.status}`);
    for (const { step, title, state, missing } of shown.steps) {
      lines.push(`  ${MARKS[state]} ${step} ${title}`);
      if (state !== 'current') continue;
      for (const { what, who } of missing) lines.push(`      missing: ${printable(what)} — ${who} must act`);
    }
  }
  return `${lines.join('\n')}\n`;
}
