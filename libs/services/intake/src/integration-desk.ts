import type { Caller } from '@kwanus/auth';
import { uuidv5 } from '@kwanus/canonical';
import type { intakeHttp } from '@kwanus/contracts';
import {
  type Giver,
  gate,
  type Integration,
  type IntegrationCommand,
  type Release,
} from '@kwanus/domain-integration';
import type { Playbook } from '@kwanus/domain-playbook';
import { type CommandMetadata, type Handled, type Loaded, UnitOfWork } from '@kwanus/event-store';
import { type Answer, answer, checkIfMatch, commandMetadata, notFound } from '@kwanus/http';
import { type Clock, DomainRejection, isDomainRejection } from '@kwanus/kernel';
import { CLOCK } from '@kwanus/service';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { Memberships } from './bodies/memberships.js';
import { IntegrationStreams, integrationStream } from './integration-streams.js';
import { Playbooks } from './playbooks/playbooks.js';
import { checkVisible } from './visibility.js';

export type Committed = z.infer<typeof intakeHttp.IntegrationCommitted>;

/** A person's command on one integration. */
export interface PersonsCommand {
  readonly integrationId: string;
  readonly release: string | null;
  readonly command: IntegrationCommand;
  /** The playbook that the integration is to move to; the one that it is pinned to otherwise. */
  readonly adopt?: Playbook;
}

/** @returns who gives a command, as the token proved */
export const giverOf = ({ actor, partner, roles, sponsor }: Caller): Giver => ({
  by: actor.id,
  partner,
  roles,
  ...(actor.kind === 'service' ? { sponsor } : {}),
});

/** @returns the id of the validation run that may follow from the command in hand */
export const requestIdOf = ({ commandId }: Pick<CommandMetadata, 'commandId'>): string =>
  uuidv5(`intake validation ${commandId}`);

interface Handling extends Pick<PersonsCommand, 'integrationId' | 'command' | 'adopt'> {
  readonly metadata: CommandMetadata;
  readonly check?: (loaded: Loaded<Integration>) => void;
}

/** Where commands reach the aggregate: everything that `decide` needs is gathered here, before it. */
@Injectable()
export class IntegrationDesk {
  constructor(
    private readonly work: UnitOfWork,
    private readonly streams: IntegrationStreams,
    private readonly memberships: Memberships,
    private readonly playbooks: Playbooks,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @returns the present moment as RFC 3339 in UTC */
  now(): string {
    return new Date(this.clock.now()).toISOString();
  }

  /**
   * Decides a person's command in the unit of work of the request.
   * @throws HttpProblem not-found (missing or another partner's, alike), precondition-failed; DomainRejection
   */
  async decide(caller: Caller, given: PersonsCommand): Promise<Answer<Committed>> {
    const { integrationId, release, command } = given;
    checkVisible(caller, integrationId);
    const seen: { state?: Integration } = {};
    const check = ({ state, version }: Loaded<Integration>): void => {
      if (!state.proposed && command.type !== 'SubmitRelease') throw notFound();
      seen.state = state;
      checkIfMatch(version);
    };
    try {
      const { version } = await this.#handle({ ...given, metadata: commandMetadata(), check });
      return answer({ integrationId, release, version }, { version });
    } catch (error) {
      throw this.#withMissing(error, seen.state?.releases[release ?? ''], seen.state);
    }
  }

  /** A command of another step is refused with what the step that the release is in still misses. */
  #withMissing(error: unknown, release: Release | undefined, state: Integration | undefined): unknown {
    if (!isDomainRejection(error) || error.code !== 'wrong-step' || error.missing.length > 0) return error;
    if (release === undefined || state === undefined) return error;
    const context = { playbook: this.playbooks.of(state.playbook), asOf: this.now() };
    const { missing } = gate(state, release.release, release.step, context);
    return new DomainRejection(error.code, error.message, missing);
  }

  /** Records a fact, or lets time pass: on behalf of the service itself. */
  async record(
    integrationId: string,
    command: IntegrationCommand,
    metadata: CommandMetadata,
  ): Promise<Handled> {
    return this.#handle({ integrationId, command, metadata });
  }

  async #handle({ integrationId, command, metadata, adopt, check }: Handling): Promise<Handled> {
    const membership = await this.memberships.current();
    const streamId = integrationStream(integrationId);
    const playbookOf = ({ state }: Loaded<Integration>): Playbook =>
      adopt ?? (state.proposed ? this.playbooks.of(state.playbook) : this.playbooks.current);
    return this.work.run(async () => {
      await this.work.lockStreams([streamId]);
      return this.streams.handle({
        streamId,
        routingKey: integrationId,
        command,
        context: (loaded) => ({ playbook: playbookOf(loaded), asOf: this.now(), membership }),
        metadata,
        playbookVersion: (loaded) => playbookOf(loaded).version,
        ...(check === undefined ? {} : { check }),
      });
    });
  }
}
