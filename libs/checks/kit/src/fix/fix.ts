import type { Json } from '@kwanus/kernel';
import type { CheckResult, Finding } from '../check.js';

/** An operation of a JSON Patch (RFC 6902): the three that mend a document. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string };

/** A change of a JSON or YAML document. */
export interface PatchFix {
  readonly file: string;
  readonly patch: readonly PatchOperation[];
}

/** A change of a text: what is written at its end. */
export interface TextFix {
  readonly file: string;
  readonly append: string;
}

/** A change that takes a finding away, and for which nobody has to decide anything. */
export type Fix = PatchFix | TextFix;

/** @returns the result as verdicts and the log hold it: how a finding is mended is no part of what was found */
export const withoutFixes = (result: CheckResult): CheckResult => ({
  ...result,
  findings: result.findings.map(withoutFix),
});

function withoutFix(finding: Finding): Finding {
  const { fix, ...rest } = finding;
  return fix === undefined ? finding : rest;
}
