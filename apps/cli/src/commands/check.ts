import { writeFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { sarifOfResults, traceLines, traceOf } from '@kwanus/checks-catalogue';
import { validationHttp } from '@kwanus/contracts';
import { ApiProblem, Unreachable } from '@kwanus/platform-client';
import {
  asRegistry,
  checkFolder,
  type LocalVerdict,
  type Registry,
  registryOf,
} from '../check/check-folder.js';
import { reportHtml } from '../check/report-html.js';
import type { Context } from '../context.js';
import { CommandFailed, EXIT, usage } from '../exit.js';
import { printable } from '../output/table.js';
import type { AddCommand } from '../program.js';
import { readSession } from '../session.js';

const MARKS = { passed: '✓', failed: '✗', inconclusive: '?', 'not-performed': '–' } as const;

interface CheckOptions {
  readonly base?: string[];
  readonly registry?: string;
  readonly platform?: string[];
  readonly osv?: string;
  readonly json?: boolean;
  readonly sarifFile?: string;
  readonly reportFile?: string;
}

/** A file's registry, or that of the platform where somebody is logged in; null where neither is at hand. */
async function registryAtHand(context: Context, file: string | undefined): Promise<Registry | null> {
  if (file !== undefined) return registryOf(file);
  if (context.config.token === undefined && readSession(context.dataDir) === null) return null;
  try {
    const view = await context.client().calls.get('/v1/permissions', validationHttp.RegistryView);
    context.io.err(
      `Permissions are compared with version ${view.registryVersion} of the platform's registry.\n`,
    );
    return asRegistry(view);
  } catch (error) {
    if (!(error instanceof Unreachable || error instanceof ApiProblem)) throw error;
    context.io.err(`The platform's registry is not at hand: ${printable(error.message)}\n`);
    return null;
  }
}

/** `kwanus check DIR`: the checks of the validation service, here. */
export const addCheck: AddCommand = (program, context) => {
  program
    .command('check')
    .description(
      'run the checks of the validation service on a folder, on this machine; exit 1 when one fails',
    )
    .argument('<dir>')
    .option('--base <dir...>', 'folders of live versions, newest first, to compare with')
    .option(
      '--registry <file>',
      "as `kwanus permissions --json` prints it; default: the platform's, after a login",
    )
    .option('--platform <version...>', 'platform versions in service')
    .option('--osv <dir>', "OSV data in osv.dev's layout, to scan bills of materials; default: OSV_DB_DIR")
    .option('--json', 'one JSON document')
    .option('--sarif-file <file>', 'write the findings there too, as SARIF 2.1.0 for code scanning')
    .option('--report-file <file>', 'write a report there too: one HTML file, with pictures of failing paths')
    .addHelpText('after', '\nExample: kwanus check examples/minimal-submission --platform 5.1.0')
    .action(async (dir: string, options: CheckOptions) => {
      const { base, platform, registry, osv, json = false } = options;
      const known = await registryAtHand(context, registry);
      const directory = osv ?? context.config.osvDirectory;
      const { osvMaxAgeDays: maxAgeDays } = context.config;
      const vulnerabilities = directory === undefined ? undefined : { directory, maxAgeDays };
      const verdict = await checkFolder(dir, { base, platform, vulnerabilities, registry: known });
      writeFiles(options, verdict, dir);
      context.print(json, verdict, () => verdictText(verdict));
      if (verdict.blocks)
        throw new CommandFailed(
          EXIT.refused,
          `${named(verdict, 'failed').join(', ')} would stop it in step 4.`,
        );
    });
};

function writeFiles({ sarifFile, reportFile }: CheckOptions, verdict: LocalVerdict, dir: string): void {
  // Code scanning shows a finding at its file in the repository, whose root is where this is run.
  const folder = relative(process.cwd(), dir).split(sep).join('/');
  if (sarifFile !== undefined)
    write(sarifFile, `${JSON.stringify(sarifOfResults(verdict.checks, folder), null, 2)}\n`);
  if (reportFile !== undefined) write(reportFile, reportHtml(verdict));
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch {
    throw usage(`${file} can't be written: name a file in a folder that is there.`);
  }
}

type Outcome = LocalVerdict['checks'][number]['outcome'];
const named = ({ checks }: LocalVerdict, ...outcomes: readonly Outcome[]): string[] =>
  checks.filter(({ outcome }) => outcomes.includes(outcome)).map(({ check }) => check);

function verdictText(verdict: LocalVerdict): string {
  const open = named(verdict, 'inconclusive', 'not-performed');
  return [
    ...verdict.checks.flatMap(checkLines),
    '',
    `${verdict.integrationId} ${verdict.release}: ${named(verdict, 'passed').length} passed, ${named(verdict, 'failed').length} failed, ${open.length} not judged here${open.length === 0 ? '' : `: ${open.join(', ')}`}\n`,
  ].join('\n');
}

const checkLines = ({ check, outcome, summary, findings }: LocalVerdict['checks'][number]): string[] => [
  `${MARKS[outcome]} ${check.padEnd(24)} ${printable(summary)}`,
  ...findings.flatMap((finding) => {
    const { severity, ruleId, file, line, message, remedy } = finding;
    const trace = traceOf(finding);
    return [
      `    ${severity} ${ruleId} ${file}${line === null ? '' : `:${line}`} ${printable(message)}`,
      ...(trace === null ? [] : traceLines(trace).map((step) => `        ${printable(step)}`)),
      `      ${printable(remedy)}`,
    ];
  }),
];
