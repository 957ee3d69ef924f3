import {
  type CommandMetadata,
  DeciderStreams,
  type DomainEvent,
  EventStore,
  UnitOfWork,
} from '@kwanus/event-store';
import type { Decider } from '@kwanus/kernel';
import { traceparent } from '@kwanus/telemetry';
import { Injectable } from '@nestjs/common';
import { MonitoringRules } from './monitoring-rules.js';
import { ownMetadata } from './telemetry/telemetry-log.js';

/** A command for one stream. */
export interface StreamCommand<State, Command, Event extends DomainEvent> {
  readonly decider: Decider<State, Command, Event, undefined>;
  readonly streamId: string;
  /** The integration that it is about. */
  readonly routingKey: string;
  readonly command: Command;
  readonly metadata: CommandMetadata;
  /** Called with the version that was read, before decide: the place for If-Match. May throw. */
  readonly check?: (version: number) => void;
}

/** What became of it: the stream's version, and whether anything was appended now. */
export interface Handled {
  readonly version: number;
  readonly news: boolean;
}

/** The deciders of monitoring (watch, gate, alert) over the bridge to the log; adds the playbook's version to what is appended. */
@Injectable()
export class MonitoringStreams {
  constructor(
    private readonly store: EventStore,
    private readonly work: UnitOfWork,
    private readonly rules: MonitoringRules,
  ) {}

  /** @throws DomainRejection when the rules refuse the command */
  async handle<State, Command, Event extends DomainEvent>({
    decider,
    check,
    ...request
  }: StreamCommand<State, Command, Event>): Promise<Handled> {
    const { version, appended, duplicate } = await new DeciderStreams(this.store, this.work, decider).handle({
      ...request,
      context: undefined,
      metadata: { playbookVersion: this.rules.playbookVersion, ...request.metadata },
      ...(check === undefined ? {} : { check: (loaded) => check(loaded.version) }),
    });
    return { version, news: appended > 0 && !duplicate };
  }

  /** @returns the state that the stream's events lead to, and its version (0: no such stream) */
  read<State, Command, Event extends DomainEvent>(
    decider: Decider<State, Command, Event, undefined>,
    streamId: string,
  ): Promise<{ readonly state: State; readonly version: number }> {
    return new DeciderStreams(this.store, this.work, decider).load(streamId);
  }
}

/** @returns metadata of what monitoring does by itself because of the event or message named */
export function becauseOf(cause: string, causationId: string | null): CommandMetadata {
  const trace = traceparent();
  return { ...ownMetadata(cause), causationId, ...(trace === undefined ? {} : { traceparent: trace }) };
}
