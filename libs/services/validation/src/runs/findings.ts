import { createHash } from 'node:crypto';
import { canonicalJson } from '@kwanus/canonical';
import type { CheckResult, Finding } from '@kwanus/checks-kit';
import type { FinishedCheck } from '@kwanus/domain-validation';
import type { Json, JsonObject } from '@kwanus/kernel';

const MOST_FINDINGS = 200;
/** An event takes 256 KiB; what stands beside the findings needs little. */
const MOST_BYTES = 160 * 1024;
const MOST_BLOCKING = 100;
const ORDER = { blocks: 0, warns: 1, informs: 2 } as const;

/** A check as an event carries it, and all of its findings where the event can't. */
export interface PackedCheck {
  readonly result: FinishedCheck;
  /** Bytes for the artefact store; null when the event carries every finding. */
  readonly overflow: Uint8Array | null;
}

/** @returns the result as it goes into the log: blocking findings first, the rest by digest */
export function packCheck({ check, outcome, summary, findings }: CheckResult, kind: string): PackedCheck {
  const byWeight = [...findings].sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);
  const kept: JsonObject[] = [];
  let bytes = 0;
  for (const finding of byWeight.slice(0, MOST_FINDINGS)) {
    bytes += Buffer.byteLength(JSON.stringify(finding));
    if (bytes > MOST_BYTES) break;
    kept.push(finding as unknown as JsonObject);
  }
  const overflow =
    kept.length < findings.length ? Buffer.from(canonicalJson(byWeight as unknown as Json)) : null;
  const findingsArtifact = overflow === null ? null : createHash('sha256').update(overflow).digest('hex');
  return { result: { check, kind, outcome, summary, findings: kept, findingsArtifact }, overflow };
}

const short = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1).replace(/\p{Surrogate}$/u, '')}…`;

const blockingOf = ({ ruleId, fingerprint, message, file, pointer }: Finding): JsonObject => ({
  ruleId,
  fingerprint,
  message: short(message, 300),
  file: short(file, 200),
  pointer: short(pointer, 300),
});

/** A finding that stands for those that have no room: as long as it is not waived, none of them is. */
function rest(check: string, findings: readonly Finding[]): JsonObject {
  const fingerprint = createHash('sha256')
    .update(findings.map((finding) => finding.fingerprint).join('\n'))
    .digest('hex');
  return {
    ruleId: 'RUN001',
    fingerprint,
    message: `${findings.length} more findings of ${check} block; see its findings.`,
    file: '',
    pointer: '',
  };
}

/**
 * @param most how many blocking findings have room; a run shares its event's bytes between its checks
 * @returns the check as the verdict lists it
 */
export function checkSummary(
  { check, outcome, summary, findings }: CheckResult,
  kind: string,
  most = MOST_BLOCKING,
): JsonObject {
  const blocking = findings.filter(({ severity }) => severity === 'blocks');
  const room = Math.max(1, Math.min(most, MOST_BLOCKING));
  const listed =
    blocking.length <= room
      ? blocking.map(blockingOf)
      : [...blocking.slice(0, room - 1).map(blockingOf), rest(check, blocking.slice(room - 1))];
  return {
    check,
    kind,
    outcome,
    summary: short(summary, 500),
    blocking: listed,
    warnings: findings.filter(({ severity }) => severity === 'warns').length,
  };
}

/** @returns how many blocking findings each check of a run may list, so that the verdict fits into one event */
export const roomPerCheck = (results: readonly CheckResult[]): number => {
  const failing = results.filter(({ findings }) =>
    findings.some(({ severity }) => severity === 'blocks'),
  ).length;
  return Math.floor(140 / Math.max(1, failing));
};
