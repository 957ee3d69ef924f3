import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { mediaTypeOf } from '@kwanus/checks-catalogue/submission';
import { intakeHttp } from '@kwanus/contracts';
import { moment } from '../arguments.js';
import type { Context } from '../context.js';
import { usage } from '../exit.js';
import type { AddCommand } from '../program.js';
import { chosenRelease } from './decide.js';

interface LifecycleOptions {
  readonly reason: string;
  readonly release?: string;
  readonly evidence?: string;
  readonly sunset?: string;
  readonly playbook?: string;
  readonly rollout?: string;
  readonly json?: boolean;
}

const MOVES = intakeHttp.LifecycleMove.options.map(({ shape }) => shape.move.value);

/** Those that can't be made without naming a release. */
const MOVES_OF_RELEASES: readonly string[] = intakeHttp.LifecycleMove.options.flatMap(({ shape }) =>
  'release' in shape && !shape.release.safeParse(undefined).success ? [shape.move.value] : [],
);

async function evidenceOf(context: Context, file: string) {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch {
    throw usage(`${file} can't be read.`);
  }
  const mediaType = mediaTypeOf(file);
  await context.client().artifacts.put(content, mediaType);
  return [
    {
      path: basename(file),
      digest: createHash('sha256').update(content).digest('hex'),
      size: content.length,
      mediaType,
    },
  ];
}

/** `kwanus lifecycle ID MOVE` */
export const addLifecycle: AddCommand = (program, context) => {
  program
    .command('lifecycle')
    .description('a move in the life of a release or of the whole integration')
    .argument('<id>')
    .argument('<move>', MOVES.join(' | '))
    .requiredOption('--reason <text>')
    .option('--release <version>', 'default: the only one under way')
    .option('--evidence <file>', 'for lifecycle-update')
    .option('--sunset <moment>', 'for deprecate: a day, or a moment (RFC 3339)', moment)
    .option('--playbook <version>', 'for adopt-playbook')
    .option('--rollout <type>', 'for stricter-rollout')
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      '\nExample: kwanus lifecycle acme.orders suspend --reason "Errors since this morning."',
    )
    .action(async (id: string, move: string, { json = false, evidence, ...given }: LifecycleOptions) => {
      if (!(MOVES as readonly string[]).includes(move))
        throw usage(`${move} is no move. It is one of ${MOVES.join(', ')}.`);
      const { integrations } = context.client();
      const release = MOVES_OF_RELEASES.includes(move)
        ? { release: chosenRelease(given.release, (await integrations.gates(id)).releases) }
        : {};
      const files = evidence === undefined ? {} : { evidence: await evidenceOf(context, evidence) };
      const parsed = intakeHttp.LifecycleMove.safeParse({ move, ...given, ...release, ...files });
      if (!parsed.success)
        throw usage(
          parsed.error.issues
            .map(({ path, message }) => `${move}: --${path.join('.')}: ${message}`)
            .join('; '),
        );
      const committed = await integrations.lifecycle(id, parsed.data);
      context.print(json, committed, () => `Recorded: ${id} is at version ${committed.version}.\n`);
    });
};
