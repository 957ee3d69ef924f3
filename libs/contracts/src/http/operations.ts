import { z } from 'zod';
import { Moment } from '../messages/parts.js';

/** The path prefix of the operators' routes; the service's name follows it. */
export const OPERATIONS_PREFIX = '/v1/operations';

const Count = z.number().int().nonnegative();
const Reason = z.string().trim().min(1).max(2_000);
const Name = z.string().min(1).max(200);

/** A read model, generation by generation. */
export const ProjectionView = z
  .object({
    name: z.string(),
    /** Of the projection's code that built it. */
    version: Count,
    generation: Count,
    state: z.enum(['serving', 'building']),
    /** Events that it has not handled, counted to 10 000. */
    lagEvents: Count,
  })
  .meta({ id: 'ProjectionView' });

/** A rebuild that somebody asked for. */
export const RebuildView = z
  .object({
    id: z.uuid(),
    /** Null: every read model of the service, one after the other. */
    projection: z.string().nullable(),
    state: z.enum(['waiting', 'running', 'done', 'failed']),
    attempts: Count,
    error: z.string().nullable(),
    requestedAt: Moment,
    endedAt: Moment.nullable(),
    /** Of the read model in hand; null where another process does the work, and at its beginning. */
    progress: z.object({ projection: z.string(), handled: Count, total: Count }).nullable(),
  })
  .meta({ id: 'RebuildView' });

/** Read models and their rebuilds, the latest rebuild first. */
export const ProjectionList = z
  .object({ projections: z.array(ProjectionView), rebuilds: z.array(RebuildView) })
  .meta({ id: 'ProjectionList' });

/** Without a name: all of them. */
export const RebuildProjection = z
  .strictObject({ name: Name.optional() })
  .meta({ id: 'RebuildProjection', example: { name: 'integrations' } });

export const RebuildRequested = z
  .object({ id: z.uuid(), projection: z.string().nullable() })
  .meta({ id: 'RebuildRequested' });

/** What could not be handled, by key. */
export const ParkedKeyView = z
  .object({ consumer: z.string(), key: z.string(), messages: Count, error: z.string(), since: Moment })
  .meta({ id: 'ParkedKeyView' });

export const ParkedList = z.object({ items: z.array(ParkedKeyView) }).meta({ id: 'ParkedList' });

/** A message as it came, and why it is here. */
export const ParkedMessageView = z
  .object({
    id: z.string(),
    topic: z.string(),
    partition: Count,
    position: z.string(),
    messageKey: z.string().nullable(),
    headers: z.record(z.string(), z.string()),
    /** Null: a tombstone. */
    body: z.object({ encoding: z.enum(['utf8', 'base64']), content: z.string() }).nullable(),
    error: z.string(),
    attempts: Count,
    parkedAt: Moment,
  })
  .meta({ id: 'ParkedMessageView' });

/** The first messages of a key. */
export const ParkedKeyMessages = z
  .object({ consumer: z.string(), key: z.string(), items: z.array(ParkedMessageView) })
  .meta({ id: 'ParkedKeyMessages' });

/** `acceptFork`: the first message is believed though it does not follow what came before. */
export const RedriveParked = z
  .strictObject({ acceptFork: z.boolean().default(false) })
  .meta({ id: 'RedriveParked' });

export const Redriven = z
  .object({ handled: Count, remaining: Count, error: z.string().nullable() })
  .meta({ id: 'Redriven' });

export const SkipParked = z
  .strictObject({ reason: Reason })
  .meta({ id: 'SkipParked', example: { reason: 'a double of message 0190…, seen with the partner' } });

export const ParkedSkipped = z.object({ remaining: Count }).meta({ id: 'ParkedSkipped' });

/** The versions up to and including this one are given up. */
export const SkipGap = z
  .strictObject({ throughVersion: z.int().min(1), reason: Reason })
  .meta({ id: 'SkipGap' });

/** What waited for them was handled, at most 200 messages: while some remain and `error` is null, ask again. */
export const GapSkipped = z
  .object({
    consumer: z.string(),
    stream: z.string(),
    throughVersion: z.int().positive(),
    handled: Count,
    remaining: Count,
    error: z.string().nullable(),
  })
  .meta({ id: 'GapSkipped' });

/** How far the log has been published. */
export const RelayView = z
  .object({
    /** Null: nothing was published yet. */
    position: z.object({ epoch: Count, xid: z.string(), globalPosition: z.string() }).nullable(),
    /** Events that wait, counted to 10 000. */
    lagEvents: Count,
    /** Age of the oldest of them. */
    lagSeconds: z.number().nonnegative(),
    /** The event that the relay can't publish, why, and what to do: nothing goes out until then. Null: none, or another process relays. */
    blocked: z
      .object({ stream: z.string(), version: z.int().min(1), type: z.string(), reason: z.string() })
      .nullable(),
  })
  .meta({ id: 'RelayView' });

export const Republish = z
  .strictObject({ stream: Name, fromVersion: z.int().min(1) })
  .meta({ id: 'Republish', example: { stream: 'integration-readme.docs', fromVersion: 12 } });

export const Republished = z.object({ stream: z.string(), sent: Count }).meta({ id: 'Republished' });

/** The whole log is sent again. */
export const RewindRelay = z
  .strictObject({ reason: Reason })
  .meta({ id: 'RewindRelay', example: { reason: 'the brokers were restored empty' } });

/** Events that go out again, counted to 10 000. */
export const RelayRewound = z.object({ lagEvents: Count }).meta({ id: 'RelayRewound' });

/** What an operator looks at first. */
export const OperationsHealth = z
  .object({
    service: z.string(),
    /** The oldest write transaction of the cluster: events newer than it are hidden from readers. Null: nothing holds them back. */
    horizon: z
      .object({ ageSeconds: z.number().nonnegative(), pid: z.int().nullable(), who: z.string() })
      .nullable(),
    /** Events that the slowest read model has not handled. */
    projectionLag: Count,
    /** Messages behind, by consumer; null where the transport does not say. */
    consumerLag: z.record(z.string(), Count.nullable()),
    relay: RelayView.nullable(),
    parked: z.object({ keys: Count, messages: Count }),
  })
  .meta({ id: 'OperationsHealth' });
