import { checkEvidence, evidenceTaskOf } from '@kwanus/checks-catalogue';
import type { CheckContext, CheckResult, Submission } from '@kwanus/checks-kit';
import type { RunRequest } from '@kwanus/domain-validation';

/** Every structured file that was handed in is judged; without any, what the manifest names. */
export async function evidenceResult(
  { task: asked, submission: { files } }: RunRequest,
  [submission, context]: readonly [Submission, CheckContext],
): Promise<CheckResult> {
  const task = evidenceTaskOf(asked ?? '');
  const check = `preparation-${task ?? asked ?? ''}`;
  if (task === null)
    return {
      check,
      outcome: 'inconclusive',
      findings: [],
      summary: `No check knows the task ${asked ?? ''}.`,
      facts: {},
    };
  const handedIn = files
    .map(({ path }) => path as string)
    .filter((path) => path.startsWith(`evidence/${asked ?? ''}/`));
  const structured = handedIn.filter((path) => /\.(?:json|ya?ml)$/.test(path));
  const judged = structured.length > 0 ? structured : handedIn.slice(0, 1);
  if (judged.length === 0) return checkEvidence(task, submission, context);
  const results = await Promise.all(judged.map((path) => checkEvidence(task, submission, context, path)));
  return {
    check,
    outcome: OUTCOMES.find((outcome) => results.some((result) => result.outcome === outcome)) ?? 'passed',
    findings: results.flatMap(({ findings }) => findings),
    summary: results.map(({ summary }) => summary).join(' '),
    facts: {},
  };
}

/** The worst first. */
const OUTCOMES = ['failed', 'inconclusive', 'not-performed'] as const;
