import type { ContractDiff, ContractFinding } from './types.js';

/** @returns what the findings come to: each once, in one order, with the step of the version that they ask for */
export function verdictOf(found: readonly ContractFinding[]): ContractDiff {
  const key = ({ operation, id, subject, pointer, text }: ContractFinding): string =>
    [operation, id, subject, pointer, text].join('\n');
  const unique = new Map(found.map((finding) => [key(finding), finding]));
  const findings = [...unique].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, finding]) => finding);
  const breaking = findings.some(({ level }) => level === 'error');
  return { breaking, findings, semver: breaking ? 'major' : findings.length > 0 ? 'minor' : 'patch' };
}
