import type { Caller } from '@kwanus/auth';
import { SubmitRelease } from '@kwanus/domain-integration';
import { type Answer, commandMetadata, notFound } from '@kwanus/http';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ArtifactAccess } from '../artifacts/artifact-access.js';
import { type Committed, giverOf, IntegrationDesk, requestIdOf } from '../integration-desk.js';
import { People } from '../people/people.js';
import { checkVisible } from '../visibility.js';
import { contractPaths, declaredIn } from './declared.js';
import { readManifest } from './read-manifest.js';
import { readOperations } from './read-operations.js';
import {
  type CheckedSubmission,
  checkContracts,
  checkFiles,
  checkSubmission,
  contactId,
  manifestFile,
  type SubmitBody,
} from './submission.js';

/** Opens the release that a manifest names, or amends it. */
export class OpenRelease extends Command<Answer<Committed>> {
  constructor(
    readonly caller: Caller,
    readonly body: SubmitBody,
  ) {
    super();
  }
}

/** Gathers: are the files there, what does the manifest say, which digest has each part? Then decides. */
@CommandHandler(OpenRelease)
export class OpenReleaseHandler implements ICommandHandler<OpenRelease> {
  constructor(
    private readonly artifacts: ArtifactAccess,
    private readonly people: People,
    private readonly desk: IntegrationDesk,
  ) {}

  async execute({ caller, body }: OpenRelease): Promise<Answer<Committed>> {
    const { digest } = manifestFile(body);
    checkFiles(
      body.files,
      await this.artifacts.known(
        caller,
        body.files.map((file) => file.digest),
      ),
    );
    const read = await readManifest(await this.bytes(caller, digest), body.manifest);
    const checked = checkSubmission(body, read);
    const { integrationId, release, partner, manifest, manifestPath, files, digests } = checked;
    checkVisible(caller, integrationId);
    const declared = declaredIn(checked, await readOperations(await this.contracts(caller, checked)));
    const command = new SubmitRelease(
      {
        ...giverOf(caller),
        integrationId,
        release,
        sponsor: caller.sponsor,
        requestId: requestIdOf(commandMetadata()),
      },
      {
        partner,
        name: manifest.metadata.name,
        subject: declared.subject,
        manifestPath,
        files,
        digests,
        declared,
      },
    );
    const answer = await this.desk.decide(caller, { integrationId, release, command });
    await this.people.meet(caller);
    await this.introduce(checked);
    return answer;
  }

  /** The manifest names who is accountable; the log knows them by digest, the directory by name. */
  private async introduce({ manifest: { accountable }, partner }: CheckedSubmission): Promise<void> {
    const { contact, sponsor } = accountable;
    await this.people.introduce(contactId(partner, contact.email), contact.name, partner);
    await this.people.introduce(contactId(partner, sponsor), sponsor, partner);
  }

  private async contracts(
    caller: Caller,
    checked: CheckedSubmission,
  ): Promise<ReadonlyMap<string, Uint8Array>> {
    const found = new Map<string, Uint8Array>();
    const paths = contractPaths(checked);
    checkContracts(checked.files, paths);
    for (const path of paths) {
      const file = checked.files.find((one) => one.path === path);
      if (file !== undefined) found.set(path, await this.bytes(caller, file.digest));
    }
    return found;
  }

  private async bytes(caller: Caller, digest: string): Promise<Uint8Array> {
    const artifact = await this.artifacts.read(caller, digest);
    if (artifact === null) throw notFound();
    return artifact.bytes;
  }
}
