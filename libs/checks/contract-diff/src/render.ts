import type { JsonObject } from '@kwanus/kernel';
import type { ContractDiff, ContractFinding } from './types.js';

/** A file that was compared, and the way to its lines. */
export interface ComparedFile {
  /** As the reader knows it. */
  readonly path: string;
  readonly lineOf: (pointer: string) => number | null;
}

/** Both sides of a comparison. */
export interface ComparedFiles {
  readonly base: ComparedFile;
  readonly revision: ComparedFile;
}

const SARIF_LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const;

/** @returns the findings as SARIF 2.1.0, for code scanning */
export function sarifOf({ findings }: ContractDiff, files: ComparedFiles): JsonObject {
  const rules = [...new Set(findings.map(({ id }) => id))];
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'kwanus contract diff', rules: rules.map((id) => ({ id })) } },
        results: findings.map((finding) => resultOf(finding, files, rules)),
      },
    ],
  };
}

const placed = ({ operation, text }: ContractFinding): string =>
  operation === '' ? text : `${operation}: ${text}`;

function resultOf(finding: ContractFinding, files: ComparedFiles, rules: readonly string[]): JsonObject {
  const { path, lineOf } = files[finding.side];
  return {
    ruleId: finding.id,
    ruleIndex: rules.indexOf(finding.id),
    level: SARIF_LEVELS[finding.level],
    message: { text: placed(finding) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: path.split('/').map(encodeURIComponent).join('/') },
          region: { startLine: lineOf(finding.pointer) ?? 1 },
        },
        logicalLocations: [{ fullyQualifiedName: finding.pointer === '' ? '/' : finding.pointer }],
      },
    ],
    partialFingerprints: {
      'kwanus/v1': [finding.id, finding.operation, finding.subject].join('|'),
    },
  };
}

const HEADINGS = { error: 'Breaks clients', warning: 'May be noticed', info: 'Breaks nobody' } as const;

/** @returns the findings as Markdown, for a pull request */
export function markdownOf({ findings, breaking, semver }: ContractDiff): string {
  const sections = (['error', 'warning', 'info'] as const).flatMap((level) => {
    const rows = findings.filter((finding) => finding.level === level);
    return rows.length === 0
      ? []
      : [
          `## ${HEADINGS[level]} (${rows.length})`,
          '',
          '| operation | change | rule |',
          '| --- | --- | --- |',
          ...rows.map(({ operation, text, id }) => `| ${cell(operation)} | ${cell(text)} | \`${id}\` |`),
          '',
        ];
  });
  const verdict = breaking ? 'Clients of the base break.' : 'No client of the base breaks.';
  return [`# Contract comparison`, '', `${verdict} At least a ${semver} version.`, '', ...sections].join(
    '\n',
  );
}

/** What partners write can't end a cell, or begin markup. */
const cell = (text: string): string => text.replace(/[\n\r]+/g, ' ').replace(/[\\|`*_<>[\]]/g, '\\$&');
