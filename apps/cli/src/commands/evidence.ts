import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { mediaTypeOf } from '@kwanus/checks-catalogue/submission';
import { usage } from '../exit.js';
import type { AddCommand } from '../program.js';
import { chosenRelease } from './decide.js';

const PHASES = {
  scaffolding: 'preparation',
  workflow: 'preparation',
  permissionMapping: 'preparation',
  sandbox: 'preparation',
  development: 'implementation',
  testing: 'implementation',
  documentation: 'implementation',
} as const;
const isTask = (name: string): name is keyof typeof PHASES => Object.hasOwn(PHASES, name);
const TASKS = Object.keys(PHASES);

/** `kwanus evidence ID TASK FILE` */
export const addEvidence: AddCommand = (program, context) => {
  program
    .command('evidence')
    .description('record a file as evidence for a task of step 2 or 3; preparation is checked by validation')
    .argument('<id>')
    .argument('<task>', TASKS.join(' | '))
    .argument('<file>')
    .option('--release <version>', 'default: the only one under way')
    .option('--note <text>')
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExample: kwanus evidence acme.orders testing report.xml')
    .action(
      async (
        id: string,
        task: string,
        file: string,
        options: { release?: string; note?: string; json?: boolean },
      ) => {
        if (!isTask(task)) throw usage(`${task} is no task. It is one of ${TASKS.join(', ')}.`);
        let content: Buffer;
        try {
          content = readFileSync(file);
        } catch {
          throw usage(`${file} can't be read.`);
        }
        const client = context.client();
        const release =
          options.release ?? chosenRelease(undefined, (await client.integrations.gates(id)).releases);
        const mediaType = mediaTypeOf(file);
        await client.artifacts.put(content, mediaType);
        const digest = createHash('sha256').update(content).digest('hex');
        const committed = await client.integrations.evidence(
          id,
          { phase: PHASES[task], task },
          {
            release,
            evidence: [{ path: basename(file), digest, size: content.length, mediaType }],
            ...(options.note === undefined ? {} : { note: options.note }),
          },
        );
        context.print(
          options.json ?? false,
          committed,
          () => `Recorded: ${id} ${release} is at version ${committed.version}.\n`,
        );
      },
    );
};
