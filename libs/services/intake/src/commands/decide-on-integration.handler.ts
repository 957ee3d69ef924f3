import type { Caller } from '@kwanus/auth';
import type { IntegrationCommand } from '@kwanus/domain-integration';
import type { Playbook } from '@kwanus/domain-playbook';
import type { Answer } from '@kwanus/http';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ArtifactAccess } from '../artifacts/artifact-access.js';
import { type Committed, IntegrationDesk } from '../integration-desk.js';
import { People } from '../people/people.js';
import { checkFiles, type FileRef } from '../submit-release/submission.js';
import { checkVisible } from '../visibility.js';

/** What a person decides, and the evidence that comes with it. */
export interface Decided {
  readonly integrationId: string;
  readonly release: string | null;
  readonly command: IntegrationCommand;
  readonly evidence?: readonly FileRef[];
  readonly adopt?: Playbook;
}

/** A person's command on an integration that is there. */
export class DecideOnIntegration extends Command<Answer<Committed>> {
  constructor(
    readonly caller: Caller,
    readonly decided: Decided,
  ) {
    super();
  }
}

@CommandHandler(DecideOnIntegration)
export class DecideOnIntegrationHandler implements ICommandHandler<DecideOnIntegration> {
  constructor(
    private readonly artifacts: ArtifactAccess,
    private readonly people: People,
    private readonly desk: IntegrationDesk,
  ) {}

  /** @throws HttpProblem not-found, validation-failed (evidence that is not in the store), precondition-failed; DomainRejection */
  async execute({
    caller,
    decided: { evidence = [], ...decided },
  }: DecideOnIntegration): Promise<Answer<Committed>> {
    checkVisible(caller, decided.integrationId);
    if (evidence.length > 0)
      checkFiles(
        evidence,
        await this.artifacts.known(
          caller,
          evidence.map(({ digest }) => digest),
        ),
        '/evidence',
      );
    const answer = await this.desk.decide(caller, decided);
    await this.people.meet(caller);
    return answer;
  }
}
