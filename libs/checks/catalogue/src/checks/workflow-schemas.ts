import { ContractTooComplex, diffPayloads } from '@kwanus/checks-contract-diff';
import type { JsonObject } from '@kwanus/kernel';
import type { CheckRun } from '../run/check-run.js';
import type { Inspection } from '../run/inspection.js';
import type { SubmittedWorkflow } from '../workflow/definitions.js';
import { schemaAt } from './event-changes.js';

/** Something that a workflow asks for, or no longer gives. */
export interface SchemaBreak {
  readonly rule: 'WC102' | 'WC103';
  readonly pointer: string;
  readonly text: string;
}

const PARTS = [
  { part: 'input', rule: 'WC102', mode: 'BACKWARD' },
  { part: 'output', rule: 'WC103', mode: 'FORWARD' },
] as const;

/** WC102 the input asks for what old triggers lack, WC103 the output no longer gives what consumers were promised. */
export async function schemaBreaks(
  run: CheckRun,
  base: Inspection,
  [was, is]: readonly [SubmittedWorkflow, SubmittedWorkflow],
): Promise<readonly SchemaBreak[]> {
  const found = await Promise.all(
    PARTS.map(async (asked) => {
      const before = await schemaAt(base, was.declared[asked.part]?.schema);
      const now = await schemaAt(run.inspection, is.declared[asked.part]?.schema);
      return before === null || now === null ? [] : breaksBetween(run, asked, [before.root, now.root]);
    }),
  );
  return found.flat();
}

function breaksBetween(
  run: CheckRun,
  { part, rule, mode }: (typeof PARTS)[number],
  [before, now]: readonly [JsonObject | null, JsonObject | null],
): readonly SchemaBreak[] {
  if (before === null || now === null) {
    run.inconclusive(`The ${part} schema of a workflow can’t be read.`);
    return [];
  }
  try {
    const { profile, asOf } = run.context;
    return diffPayloads([before], now, { mode, profile, asOf })
      .findings.filter(({ level }) => level === 'error')
      .map(({ pointer, text }) => ({ rule, pointer, text: `${part}: ${text}` }));
  } catch (error) {
    if (!(error instanceof ContractTooComplex)) throw error;
    run.inconclusive(error.message);
    return [];
  }
}
