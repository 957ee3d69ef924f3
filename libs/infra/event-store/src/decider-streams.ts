import { type Decider, fold, type JsonObject, type Timestamp } from '@kwanus/kernel';
import { withSpan } from '@kwanus/telemetry';
import type { Appended, CommandMetadata, NewEvent, StoredEvent } from './event.js';
import type { EventStore, ReadStreamOptions, UnitOfWork } from './event-store.port.js';
import { streamTypeOf } from './log/stream-id.js';

/** What a decider must tell about its events to be stored: the type is the event's own, the rest is its data. */
export interface DomainEvent {
  readonly type: string;
}

/** A state and the version of the stream that it was folded from. */
export interface Loaded<State> {
  readonly state: State;
  /** 0: the stream does not exist. */
  readonly version: number;
}

/** What a command came to. */
export interface Handled extends Omit<Appended, 'recordedAt'> {
  /** Null when nothing followed from the command. */
  readonly recordedAt: Timestamp | null;
  /** How many events it appended (or had appended, when it is a duplicate). */
  readonly appended: number;
}

/** One command to one stream. */
export interface Handle<State, Command, Context> {
  readonly streamId: string;
  /** The integration id; the stream id where the events concern no integration. */
  readonly routingKey: string;
  readonly command: Command;
  /** The context itself, or how it follows from the state that was read; all I/O was done before. */
  readonly context: Context | ((loaded: Loaded<State>) => Context);
  readonly metadata: CommandMetadata;
  /** The playbook version that is decided under, where it follows from the state that was read. */
  readonly playbookVersion?: (loaded: Loaded<State>) => string;
  /** Called with what was read, before decide: the place for If-Match. May throw. */
  readonly check?: (loaded: Loaded<State>) => void;
}

/** How a decider's events are written and read. */
export interface EventForm<Event> {
  readonly toStored: (event: Event) => NewEvent;
  readonly fromStored: (stored: StoredEvent) => Event;
}

/** `{ type, ...data }` in the domain, `type` and `data` in the log. */
export const plainEvents = <Event extends DomainEvent>(): EventForm<Event> => ({
  toStored: ({ type, ...data }) => ({ type, data: data as unknown as JsonObject }),
  fromStored: ({ type, data }) => ({ ...data, type }) as unknown as Event,
});

/**
 * The one bridge between deciders and the log: look for the command id, read, fold, decide, append at the version that was
 * read, in one unit of work. A subclass for each aggregate is the injection token.
 */
export class DeciderStreams<State, Command, Event extends DomainEvent, Context> {
  constructor(
    protected readonly store: EventStore,
    protected readonly work: UnitOfWork,
    protected readonly decider: Decider<State, Command, Event, Context>,
    protected readonly form: EventForm<Event> = plainEvents<Event>(),
  ) {}

  /**
   * A repeated command id is answered with the original result, without deciding. No event from `decide` means "already so":
   * nothing is appended.
   * @throws DomainRejection from decide; VersionConflict after the retries; Unavailable
   */
  async handle(request: Handle<State, Command, Context>): Promise<Handled> {
    const attributes = { 'kwanus.stream': request.streamId };
    return withSpan('log.handle', attributes, () => this.work.run(() => this.#decideAndAppend(request)));
  }

  /** @returns the state, folded from the stream or from the part of it that the options name */
  async load(streamId: string, options?: ReadStreamOptions): Promise<Loaded<State>> {
    const { events, version } = await this.store.readStream(streamId, options);
    return { state: fold(this.decider, events.map(this.form.fromStored)), version };
  }

  async #decideAndAppend(request: Handle<State, Command, Context>): Promise<Handled> {
    const { streamId, routingKey, command, metadata, context } = request;
    const known = await this.store.findCommand(streamId, metadata.commandId);
    if (known !== null) return { ...known, appended: known.eventIds.length };
    const loaded = await this.load(streamId);
    request.check?.(loaded);
    const given =
      typeof context === 'function' ? (context as (loaded: Loaded<State>) => Context)(loaded) : context;
    const events = this.decider.decide(command, loaded.state, given);
    if (events.length === 0) return unchanged(streamId, loaded.version);
    const appended = await this.store.append({
      streamId,
      streamType: streamTypeOf(streamId),
      routingKey,
      expectedVersion: loaded.version,
      events: events.map(this.form.toStored),
      metadata:
        request.playbookVersion === undefined
          ? metadata
          : { ...metadata, playbookVersion: request.playbookVersion(loaded) },
    });
    return { ...appended, appended: events.length };
  }
}

const unchanged = (streamId: string, version: number): Handled => ({
  streamId,
  version,
  eventIds: [],
  recordedAt: null,
  duplicate: false,
  appended: 0,
});
