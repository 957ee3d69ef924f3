import { folderSubmission } from '@kwanus/checks-catalogue/submission';
import type { Submission } from '@kwanus/checks-kit';
import { ApiProblem, type ArtifactsClient } from '@kwanus/platform-client';
import { wholeNumber } from '../arguments.js';
import type { Context } from '../context.js';
import { CommandFailed, EXIT, usage } from '../exit.js';
import { gatesText } from '../output/gates.js';
import type { AddCommand } from '../program.js';

/** Uploads the files that the store does not have yet. @returns how many were sent */
export async function uploadMissing(artifacts: ArtifactsClient, submission: Submission): Promise<number> {
  const missing = await artifacts.missing(submission.files.map(({ digest }) => digest));
  let sent = 0;
  for (const { path, digest, mediaType } of submission.files) {
    if (!missing.has(digest)) continue;
    const content = await submission.read(path);
    if (content === null) throw usage(`${path} went away while it was read. Submit again.`);
    await artifacts.put(content, mediaType);
    sent += 1;
  }
  return sent;
}

/** Uploads what is missing and opens or amends the release that the manifest names. */
export async function submitFolder(context: Pick<Context, 'client'>, folder: string, ifMatch?: number) {
  const submission = await folderSubmission(folder);
  const client = context.client();
  const sent = await uploadMissing(client.artifacts, submission);
  const files = submission.files.map(({ path, digest, size, mediaType }) => ({
    path,
    digest,
    size,
    mediaType,
  }));
  const committed = await client.integrations
    .submit({ manifest: submission.manifestPath, files }, ifMatch === undefined ? {} : { ifMatch })
    .catch((error: unknown) => {
      throw error instanceof ApiProblem && error.is('not-found')
        ? notTheirs(submission.integrationId)
        : error;
    });
  return { ...committed, files: files.length, sent };
}

const notTheirs = (integrationId: string): CommandFailed =>
  new CommandFailed(
    EXIT.notAllowed,
    `You may not submit ${integrationId}: log in as somebody of the partner ${integrationId.split('.')[0] ?? ''}.`,
  );

/** `kwanus submit DIR` */
export const addSubmit: AddCommand = (program, context) => {
  program
    .command('submit')
    .description(
      'upload a submission and open, or amend, the release that its manifest names; safe to repeat',
    )
    .argument('<dir>', 'folder with kwanus.yaml')
    .option('--json', 'one JSON document')
    .option(
      '--if-match <version>',
      'refuse when the integration has moved on since that version',
      wholeNumber,
    )
    .addHelpText('after', '\nExample: kwanus submit examples/minimal-submission')
    .action(async (dir: string, { json = false, ifMatch }: { json?: boolean; ifMatch?: number }) => {
      const submitted = await submitFolder(context, dir, ifMatch);
      const gates = await context
        .client()
        .integrations.gates(submitted.integrationId, { minVersion: submitted.version });
      context.print(json, { ...submitted, gates }, () =>
        [
          `${submitted.integrationId} ${submitted.release ?? ''} is at version ${submitted.version}: ${submitted.files} files, ${submitted.sent} uploaded.`,
          '',
          gatesText(gates, submitted.release),
        ].join('\n'),
      );
    });
};
