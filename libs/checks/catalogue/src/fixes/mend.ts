import { applyFix, type CheckContext, type Submission } from '@kwanus/checks-kit';
import { runChecks, type Verdict } from '../run/run-checks.js';
import { changedSubmission } from '../submission/changed-submission.js';
import { compatibleFixes, type FixableFinding } from './compatible-fixes.js';

/** What came of mending a submission by machine. */
export interface Mending {
  /** Of what was mended. */
  readonly verdict: Verdict;
  readonly mended: readonly FixableFinding[];
  /** The files that changed, as they were and as they are. */
  readonly changes: readonly FileChange[];
}

/** A file before and after. */
export interface FileChange {
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/** What one fix brings to light another one may mend, so that it is done again; no honest submission needs as many turns. */
const MOST_TURNS = 50;

/**
 * Carries out the fixes of findings, and checks again, until none is left. Nothing is written.
 * @throws RunCancelled when the context's signal is aborted
 */
export async function mend(submission: Submission, context: CheckContext): Promise<Mending> {
  const mended: FixableFinding[] = [];
  const texts = new Map<string, FileChange>();
  const seen = new Set<string>();
  let current = submission;
  for (let turn = 0; ; turn += 1) {
    const verdict = await runChecks(current, context, { fixes: true });
    const fixes = compatibleFixes(verdict.results.flatMap(({ findings }) => findings));
    const state = verdict.inputs['submission'] ?? '';
    if (fixes.length === 0 || seen.has(state) || turn === MOST_TURNS)
      return {
        verdict,
        mended,
        changes: [...texts.values()].filter(({ before, after }) => before !== after),
      };
    seen.add(state);
    for (const finding of fixes) {
      await carryOut(finding, current, texts);
      mended.push(finding);
    }
    current = await changedSubmission(
      submission,
      new Map([...texts].map(([path, { after }]) => [path, new TextEncoder().encode(after)])),
    );
  }
}

async function carryOut(
  { fix }: FixableFinding,
  current: Submission,
  texts: Map<string, FileChange>,
): Promise<void> {
  const known = texts.get(fix.file);
  const bytes = known === undefined ? await current.read(fix.file) : null;
  const before = known?.before ?? new TextDecoder().decode(bytes ?? new Uint8Array());
  const after = applyFix(known?.after ?? before, fix);
  texts.set(fix.file, { path: fix.file, before, after });
}
