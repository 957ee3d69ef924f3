import {
  type Appended,
  type CommandMetadata,
  EventStore,
  type NewEvent,
  type StoredEvent,
  UnitOfWork,
} from '@kwanus/event-store';
import { type Decider, fold, type JsonObject } from '@kwanus/kernel';
import { Injectable } from '@nestjs/common';
import { MonitoringRules } from './monitoring-rules.js';
import { ownMetadata } from './telemetry/telemetry-log.js';

/** A command for one stream. */
export interface StreamCommand<State, Command, Event extends { readonly type: string }> {
  readonly decider: Decider<State, Command, Event, undefined>;
  readonly streamId: string;
  /** The integration that it is about. */
  readonly routingKey: string;
  readonly command: Command;
  readonly metadata: CommandMetadata;
}

/** What became of it: the stream's version, and whether anything was appended by it. */
export interface Handled {
  readonly version: number;
  readonly news: boolean;
}

/** Runs the deciders of monitoring: find the command id, read, fold, decide, append, in one unit of work. */
@Injectable()
export class MonitoringStreams {
  constructor(
    private readonly store: EventStore,
    private readonly work: UnitOfWork,
    private readonly rules: MonitoringRules,
  ) {}

  /** @throws DomainRejection when the rules refuse the command */
  handle<State, Command, Event extends { readonly type: string }>(
    request: StreamCommand<State, Command, Event>,
  ): Promise<Handled> {
    return this.work.run(async () => {
      const { decider, streamId, command, metadata } = request;
      await this.work.lockStreams([streamId]);
      const before: Appended | null = await this.store.findCommand(streamId, metadata.commandId);
      if (before !== null) return { version: before.version, news: false };
      const { version, events } = await this.store.readStream(streamId);
      const state = fold(decider, events.map(eventOf<Event>));
      const news = decider.decide(command, state, undefined);
      if (news.length === 0) return { version, news: false };
      const appended = await this.store.append({
        streamId,
        streamType: streamId.slice(0, streamId.indexOf('-')),
        routingKey: request.routingKey,
        expectedVersion: version === 0 ? 'no-stream' : version,
        events: news.map(stored),
        metadata: { playbookVersion: this.rules.playbookVersion, ...metadata },
      });
      return { version: appended.version, news: true };
    });
  }

  /** @returns the state that the stream's events lead to, and its version (0: no such stream) */
  async read<State, Event extends { readonly type: string }>(
    decider: Pick<Decider<State, never, Event, never>, 'evolve' | 'initialState'>,
    streamId: string,
  ): Promise<{ readonly state: State; readonly version: number }> {
    const { version, events } = await this.store.readStream(streamId);
    return { version, state: fold(decider, events.map(eventOf<Event>)) };
  }
}

/** @returns metadata of what monitoring does by itself because of the event or message named */
export const becauseOf = (cause: string, causationId: string | null): CommandMetadata => ({
  ...ownMetadata(cause),
  causationId,
});

const eventOf = <Event extends { readonly type: string }>({ type, data }: StoredEvent): Event =>
  ({ ...data, type }) as unknown as Event;

const stored = ({ type, ...data }: { readonly type: string }): NewEvent => ({
  type,
  data: JSON.parse(JSON.stringify(data)) as JsonObject,
});
