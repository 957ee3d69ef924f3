import { checkFolder } from '../check/check-folder.js';
import { CommandFailed, EXIT } from '../exit.js';
import { printable } from '../output/table.js';
import type { AddCommand } from '../program.js';

const MARKS = { passed: '✓', failed: '✗', inconclusive: '?', 'not-performed': '–' } as const;

/** `kwanus check DIR`: the checks of the validation service, here. */
export const addCheck: AddCommand = (program, context) => {
  program
    .command('check')
    .description(
      'run the checks of the validation service on a folder, on this machine; exit 1 when one blocks',
    )
    .argument('<dir>')
    .option('--base <dir...>', 'folders of live versions, newest first, to compare with')
    .option('--registry <file>', 'permission registry as `kwanus permissions --json` prints it')
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample: kwanus check examples/minimal-submission')
    .action(async (dir: string, options: { base?: string[]; registry?: string; json?: boolean }) => {
      const verdict = await checkFolder(dir, options);
      context.print(options.json ?? false, verdict, () =>
        verdict.checks
          .map(({ check, outcome, summary, findings }) =>
            [
              `${MARKS[outcome]} ${check}: ${printable(summary)}`,
              ...findings.map(
                (one) =>
                  `    ${one.severity} ${one.ruleId} ${one.file}${one.line === null ? '' : `:${one.line}`} ${printable(one.message)}\n      ${printable(one.remedy)}`,
              ),
            ].join('\n'),
          )
          .join('\n')
          .concat('\n'),
      );
      if (verdict.blocks) throw new CommandFailed(EXIT.refused, 'Something blocks; see above.');
    });
};
