import type { CheckResult, Finding } from '@kwanus/checks-kit';
import type { JsonObject } from '@kwanus/kernel';
import { sarifFixes } from './sarif-fixes.js';

const LEVELS = { blocks: 'error', warns: 'warning', informs: 'note' } as const;

type TextOf = (file: string) => string | null;

/**
 * @param textOf the files as they were checked: fixes of findings are written as regions of them
 * @param folder where the submission stands, as seen from the root of the repository that the findings are shown in
 * @returns the findings of a verdict as SARIF 2.1.0, for code scanning
 */
export function sarifOfResults(
  results: readonly CheckResult[],
  folder: string,
  textOf: TextOf = () => null,
): JsonObject {
  const findings = results.flatMap((result) => result.findings);
  const rules = [...new Set(findings.map(({ ruleId }) => ruleId))];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'kwanus check', rules: rules.map((id) => ({ id })) } },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => ({
          ...resultOf(finding, rules.indexOf(finding.ruleId), folder),
          ...sarifFixes(finding, textOf, (file) => uriOf(folder, file)),
        })),
      },
    ],
  };
}

const resultOf = (finding: Finding, ruleIndex: number, folder: string): JsonObject => ({
  ruleId: finding.ruleId,
  ruleIndex,
  level: LEVELS[finding.severity],
  message: { text: `${finding.message} ${finding.why} ${finding.remedy}` },
  locations: [
    {
      physicalLocation: {
        artifactLocation: { uri: uriOf(folder, finding.file) },
        region: { startLine: finding.line ?? 1 },
      },
      logicalLocations: [{ fullyQualifiedName: finding.pointer === '' ? '/' : finding.pointer }],
    },
  ],
  partialFingerprints: { 'kwanus/v1': finding.fingerprint },
});

const uriOf = (folder: string, file: string): string =>
  [...folder.split('/'), ...file.split('/')]
    .filter((segment) => segment !== '' && segment !== '.')
    .map(encodeURIComponent)
    .join('/');
