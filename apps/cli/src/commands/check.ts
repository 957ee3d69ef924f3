import { validationHttp } from '@kwanus/contracts';
import { ApiProblem, Unreachable } from '@kwanus/platform-client';
import {
  asRegistry,
  checkFolder,
  type LocalVerdict,
  type Registry,
  registryOf,
} from '../check/check-folder.js';
import type { Context } from '../context.js';
import { CommandFailed, EXIT } from '../exit.js';
import { printable } from '../output/table.js';
import type { AddCommand } from '../program.js';
import { readSession } from '../session.js';

const MARKS = { passed: '✓', failed: '✗', inconclusive: '?', 'not-performed': '–' } as const;

interface CheckOptions {
  readonly base?: string[];
  readonly registry?: string;
  readonly platform?: string[];
  readonly json?: boolean;
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
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample: kwanus check examples/minimal-submission --platform 5.1.0')
    .action(async (dir: string, { base, platform, registry, json = false }: CheckOptions) => {
      const known = await registryAtHand(context, registry);
      const verdict = await checkFolder(dir, { base, platform, registry: known });
      context.print(json, verdict, () => verdictText(verdict));
      if (verdict.blocks)
        throw new CommandFailed(
          EXIT.refused,
          `${named(verdict, 'failed').join(', ')} would stop it in step 4.`,
        );
    });
};

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
  ...findings.flatMap(({ severity, ruleId, file, line, message, remedy }) => [
    `    ${severity} ${ruleId} ${file}${line === null ? '' : `:${line}`} ${printable(message)}`,
    `      ${printable(remedy)}`,
  ]),
];
