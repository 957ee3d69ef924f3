import { traceOf, traceSvg } from '@kwanus/checks-catalogue';
import type { CheckResult, Finding } from '@kwanus/checks-kit';
import { printable } from '../output/table.js';
import type { LocalVerdict } from './check-folder.js';

/** @returns the verdict as one HTML file that loads and runs nothing */
export const reportHtml = ({ integrationId, release, outcome, ruleset, checks }: LocalVerdict): string => {
  const title = escaped(`${integrationId} ${release}: ${outcome}`);
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${title}</title>`,
    '<style>body { font: 16px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }</style>',
    `<h1>${title}</h1>`,
    `<p>${escaped(ruleset)}</p>`,
    ...checks.flatMap(checkHtml),
    '</html>',
    '',
  ].join('\n');
};

const checkHtml = ({ check, outcome, summary, findings }: CheckResult): readonly string[] => [
  `<h2>${escaped(check)}: ${outcome}</h2>`,
  `<p>${escaped(summary)}</p>`,
  ...findings.flatMap(findingHtml),
];

function findingHtml(finding: Finding): readonly string[] {
  const { severity, ruleId, file, line, message, why, remedy } = finding;
  const trace = traceOf(finding);
  return [
    `<h3>${severity} ${escaped(ruleId)}</h3>`,
    `<p><code>${escaped(file)}${line === null ? '' : `:${line}`}</code> ${escaped(message)} ${escaped(why)}</p>`,
    `<p>${escaped(remedy)}</p>`,
    ...(trace === null ? [] : [traceSvg(trace)]),
  ];
}

const escaped = (text: string): string =>
  printable(text).replaceAll(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0) ?? 32};`);
