import type { CheckResult } from '@kwanus/checks-kit';
import type { Manifest } from '../manifest/manifest.schema.js';

/** What a check that is not built yet would have to look at; null: nothing, so that it passes. */
const WORK: Readonly<Record<string, (manifest: Manifest) => string | null>> = {
  'sandbox-integrity': ({ extensions }) =>
    (extensions ?? []).length === 0
      ? null
      : `${extensions?.length ?? 0} extensions were not run: the sandbox is not built yet.`,
};

const NOTHING: Readonly<Record<string, string>> = {
  'sandbox-integrity': 'No extension is declared, so there is nothing to run.',
};

/** A check that is not built says so wherever it would have something to do, and is never counted as passed there. */
export function notBuilt(check: string, manifest: Manifest): CheckResult {
  const work = WORK[check]?.(manifest);
  return work === null
    ? {
        check,
        outcome: 'passed',
        findings: [],
        summary: NOTHING[check] ?? 'There is nothing to look at.',
        facts: {},
      }
    : {
        check,
        outcome: 'not-performed',
        findings: [],
        summary: work ?? 'The check is not built yet.',
        facts: {},
      };
}
