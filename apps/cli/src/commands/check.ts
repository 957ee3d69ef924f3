import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type FixableFinding, sarifOfResults, traceLines, traceOf } from '@kwanus/checks-catalogue';
import type { Fix } from '@kwanus/checks-kit';
import { validationHttp } from '@kwanus/contracts';
import { ApiProblem, Unreachable } from '@kwanus/platform-client';
import {
  asRegistry,
  type CheckFolderOptions,
  checkFolder,
  type LocalVerdict,
  type Registry,
  registryOf,
} from '../check/check-folder.js';
import { fixFolder, unifiedDiff, writeChanges } from '../check/fix-folder.js';
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
  readonly fix?: boolean;
  readonly dryRun?: boolean;
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
    .option('--fix', 'mend what needs nobody to decide anything, and check what is left')
    .option('--dry-run', 'with --fix: write nothing, print what would change as a unified diff')
    .addHelpText('after', '\nExample: kwanus check examples/minimal-submission --platform 5.1.0')
    .action(async (dir: string, options: CheckOptions) => {
      const { json = false, fix = false, dryRun = false } = options;
      if (dryRun && !fix) throw usage('--dry-run is for --fix: without it nothing is written.');
      const by = await judgedBy(context, options);
      const verdict = fix ? await fixed(context, dir, { by, json, dryRun }) : await checkFolder(dir, by);
      writeFiles(options, verdict, dir);
      if (!fix) context.print(json, verdict, () => verdictText(verdict));
      if (verdict.blocks)
        throw new CommandFailed(
          EXIT.refused,
          `${named(verdict, 'failed').join(', ')} would stop it in step 4.`,
        );
    });
};

async function judgedBy(
  context: Context,
  { base, platform, registry, osv }: CheckOptions,
): Promise<CheckFolderOptions> {
  const directory = osv ?? context.config.osvDirectory;
  const { osvMaxAgeDays: maxAgeDays } = context.config;
  const vulnerabilities = directory === undefined ? undefined : { directory, maxAgeDays };
  return { base, platform, vulnerabilities, registry: await registryAtHand(context, registry) };
}

interface FixOptions {
  readonly by: CheckFolderOptions;
  readonly json: boolean;
  readonly dryRun: boolean;
}

/** Mends the folder, or says what would be mended; a diff stands alone on stdout, so that it can be applied. */
async function fixed(context: Context, dir: string, { by, json, dryRun }: FixOptions): Promise<LocalVerdict> {
  const { verdict, fixed: mended, changes } = await fixFolder(dir, by);
  if (!dryRun) await writeChanges(dir, changes);
  const diff = unifiedDiff(changes);
  context.io.err(fixedText(mended, dryRun));
  context.print(json, { ...verdict, fixed: mended, diff }, () => (dryRun ? diff : verdictText(verdict)));
  return verdict;
}

const fixedText = (mended: readonly FixableFinding[], dryRun: boolean): string =>
  mended.length === 0
    ? 'Nothing is mended by machine here.\n'
    : mended
        .map(({ ruleId, file, line, fix }) => {
          const place = `${file}${line === null ? '' : `:${line}`}`;
          return `${dryRun ? 'would mend' : 'mended'} ${ruleId} ${place}: ${printable(changeOf(fix))}\n`;
        })
        .join('');

const VERBS = { add: 'adds', replace: 'replaces', remove: 'removes' } as const;

const changeOf = (fix: Fix): string =>
  'append' in fix
    ? `writes "${fix.append}" at the end of ${fix.file}`
    : `${fix.patch.map(({ op, path }) => `${VERBS[op]} ${path}`).join(', ')} in ${fix.file}`;

function writeFiles({ sarifFile, reportFile }: CheckOptions, verdict: LocalVerdict, dir: string): void {
  // Code scanning shows a finding at its file in the repository, whose root is where this is run.
  const folder = relative(process.cwd(), dir).split(sep).join('/');
  if (sarifFile !== undefined)
    write(sarifFile, `${JSON.stringify(sarifOfResults(verdict.checks, folder, textIn(dir)), null, 2)}\n`);
  if (reportFile !== undefined) write(reportFile, reportHtml(verdict));
}

const textIn =
  (dir: string) =>
  (file: string): string | null =>
    existsSync(join(dir, file)) ? readFileSync(join(dir, file), 'utf8') : null;

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
  const fixable = verdict.checks.flatMap(({ findings }) => findings.filter(({ fix }) => fix !== undefined));
  return [
    ...verdict.checks.flatMap(checkLines),
    '',
    ...(fixable.length === 0
      ? []
      : [
          `${fixable.length} findings can be mended by machine: \`kwanus check --fix\`; see it first with --dry-run.`,
        ]),
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
