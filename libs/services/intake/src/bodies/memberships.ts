import type { Identities } from '@kwanus/auth';
import { uuidv5 } from '@kwanus/canonical';
import {
  BootstrapSeats,
  type GovernanceContext,
  type MembershipCommand,
  type MembershipEvent,
  membership,
  type Seats,
} from '@kwanus/domain-governance';
import type { Membership } from '@kwanus/domain-integration';
import {
  type CommandMetadata,
  DeciderStreams,
  type EventForm,
  EventStore,
  type Handled,
  type Loaded,
  type ReadStreamOptions,
  UnitOfWork,
} from '@kwanus/event-store';
import { checkIfMatch } from '@kwanus/http';
import type { JsonObject } from '@kwanus/kernel';
import { IDENTITIES } from '@kwanus/service';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Playbooks } from '../playbooks/playbooks.js';

/** The one stream of all seats. */
export const MEMBERSHIP_STREAM = 'membership-default';

const FORM: EventForm<MembershipEvent> = {
  toStored: ({ type, data }) => ({ type, data: data as unknown as JsonObject }),
  fromStored: ({ type, data }) => ({ type, data }) as unknown as MembershipEvent,
};

/** Who sits where: the membership stream over the bridge to the log. */
@Injectable()
export class Memberships implements OnApplicationBootstrap {
  readonly #streams: DeciderStreams<Seats, MembershipCommand, MembershipEvent, GovernanceContext>;

  constructor(
    store: EventStore,
    work: UnitOfWork,
    private readonly playbooks: Playbooks,
    @Inject(IDENTITIES) private readonly identities: Identities,
  ) {
    this.#streams = new DeciderStreams(store, work, membership, FORM);
  }

  /** The first seats come from identities.yaml, once, as an event; a later start finds them there. */
  async onApplicationBootstrap(): Promise<void> {
    const seats: Record<string, string[]> = {};
    for (const { body, actorId } of this.identities.seats) (seats[body] ??= []).push(actorId);
    const commandId = uuidv5('intake bootstrap seats');
    if ((await this.load()).state.bootstrapped) return;
    await this.#handle(new BootstrapSeats(seats), {
      actor: { id: 'system:intake', kind: 'system' },
      correlationId: commandId,
      causationId: null,
      commandId,
      playbookVersion: this.playbooks.current.version,
    });
  }

  /** @returns seats and proposals, now or as they were */
  load(options?: ReadStreamOptions): Promise<Loaded<Seats>> {
    return this.#streams.load(MEMBERSHIP_STREAM, options);
  }

  /** @returns what a decision is judged by */
  async current(): Promise<Membership> {
    const { state, version } = await this.load();
    return { version, seats: state.seats };
  }

  /** Decides an admin's command. @throws DomainRejection, HttpProblem precondition-failed */
  decide(command: MembershipCommand, metadata: CommandMetadata): Promise<Handled> {
    return this.#handle(command, metadata, ({ version }) => checkIfMatch(version));
  }

  #handle(
    command: MembershipCommand,
    metadata: CommandMetadata,
    check?: (loaded: Loaded<Seats>) => void,
  ): Promise<Handled> {
    const bodies = this.playbooks.current.bodies.map(({ id }) => id);
    return this.#streams.handle({
      streamId: MEMBERSHIP_STREAM,
      routingKey: MEMBERSHIP_STREAM,
      command,
      context: { bodies },
      metadata,
      ...(check === undefined ? {} : { check }),
    });
  }
}
