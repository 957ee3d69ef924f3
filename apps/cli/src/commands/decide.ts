import { type Command, Option } from 'commander';
import { usage } from '../exit.js';
import type { AddCommand } from '../program.js';

interface DecideOptions {
  readonly approve?: boolean;
  readonly reject?: boolean;
  readonly withdraw?: boolean;
  readonly reason: string;
  readonly release?: string;
  readonly name?: string;
  readonly json?: boolean;
}
type Kind = 'approval' | 'checkpoint' | 'step' | 'sign-off';
const KINDS: readonly Kind[] = ['approval', 'checkpoint', 'step', 'sign-off'];

function voteOf({ approve, reject, withdraw }: DecideOptions): 'approve' | 'reject' | 'withdraw' {
  const chosen = [approve && 'approve', reject && 'reject', withdraw && 'withdraw'].filter(
    (vote) => typeof vote === 'string',
  );
  if (chosen.length !== 1) throw usage('Give exactly one of --approve, --reject, --withdraw.');
  return chosen[0] as 'approve' | 'reject' | 'withdraw';
}

/** @returns the release that is meant: the one named, or the only one under way. @throws CommandFailed (2) when that is not clear */
export function chosenRelease(
  named: string | undefined,
  releases: readonly { release: string; status: string }[],
): string {
  if (named !== undefined) return named;
  const underWay = releases.filter(({ status }) => status === 'in-progress');
  const [only] = underWay.length > 0 ? underWay : releases;
  if (only === undefined || underWay.length > 1)
    throw usage(
      `Which release? Give --release, one of: ${releases.map(({ release }) => release).join(', ')}.`,
    );
  return only.release;
}

const votes = (command: Command): Command =>
  command
    .addOption(new Option('--approve', 'vote for it'))
    .addOption(new Option('--reject', 'vote against it'))
    .addOption(new Option('--withdraw', 'take your vote back, while the step is open'))
    .requiredOption('--reason <text>', 'why; it stands in the audit trail')
    .option('--release <version>', 'default: the only one under way')
    .option('--name <name>', 'which checkpoint or rollout step, where the body has several')
    .option('--json', 'one JSON document');

/** `kwanus decide ID approval|checkpoint|step|sign-off BODY --approve|--reject --reason TEXT` */
export const addDecide: AddCommand = (program, context) => {
  votes(
    program
      .command('decide')
      .description('vote as a member of a governance body')
      .argument('<id>')
      .argument('<kind>', KINDS.join(' | '))
      .argument('<body>', 'TSC | SCO | ERC | CGB'),
  )
    .addHelpText(
      'after',
      '\nExample: kwanus decide acme.orders approval TSC --approve --reason "The plan holds."',
    )
    .action(async (id: string, kind: string, body: string, options: DecideOptions) => {
      if (!KINDS.includes(kind as Kind))
        throw usage(`${kind} is no kind of decision. It is one of ${KINDS.join(', ')}.`);
      const { integrations } = context.client();
      const vote = voteOf(options);
      const release = options.release ?? chosenRelease(undefined, (await integrations.gates(id)).releases);
      const committed = await integrations.decide(id, {
        release,
        kind: kind as Kind,
        body,
        vote,
        reason: options.reason,
        ...(options.name === undefined ? {} : { name: options.name }),
      });
      context.print(
        options.json ?? false,
        committed,
        () => `Recorded: ${id} ${release} is at version ${committed.version}.\n`,
      );
    });
};
