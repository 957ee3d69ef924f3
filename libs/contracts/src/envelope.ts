import { z } from 'zod';

const Hash = z.string().regex(/^[0-9a-f]{64}$/);

/** Headers of a message that stands for a stored event: CloudEvents 1.0, binary mode of the Kafka protocol binding, with our extensions. */
export const EventHeaders = z
  .object({
    'content-type': z.string().optional(),
    ce_specversion: z.literal('1.0'),
    /** The event id in the producer's log. */
    ce_id: z.uuid(),
    ce_type: z
      .string()
      .max(200)
      .regex(/^[a-z0-9.-]+\.v[1-9]\d*$/),
    ce_source: z.string().min(1).max(200),
    ce_time: z.iso.datetime({ offset: true }),
    ce_streamid: z.string().min(1).max(300),
    /** 1 for the first event of a stream; without gaps. */
    ce_streamversion: z.string().regex(/^[1-9]\d{0,14}$/),
    ce_prevhash: Hash,
    ce_eventhash: Hash,
    ce_correlationid: z.uuid(),
    ce_causationid: z.uuid().optional(),
    ce_playbookversion: z.string().max(100).optional(),
    traceparent: z
      .string()
      .regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
      .optional(),
  })
  .meta({ id: 'EventHeaders' });
export type EventHeaders = z.infer<typeof EventHeaders>;

/** Headers of a telemetry message: no stream, no chain. */
export const TelemetryHeaders = z
  .object({
    'content-type': z.string().optional(),
    ce_specversion: z.literal('1.0'),
    ce_id: z.string().min(1).max(200),
    ce_type: z
      .string()
      .max(200)
      .regex(/^kwanus\.telemetry\.[a-z-]+\.v[1-9]\d*$/),
    ce_source: z.string().min(1).max(500),
    ce_time: z.iso.datetime({ offset: true }).optional(),
    traceparent: z.string().optional(),
  })
  .meta({ id: 'TelemetryHeaders' });
export type TelemetryHeaders = z.infer<typeof TelemetryHeaders>;

/** Headers of the copy of a parked message: those that it came with, whatever they were, and where it came from. */
export const DeadLetterHeaders = z
  .object({
    /** Why it could not be handled. */
    kwanus_reason: z.string().max(2000),
    kwanus_topic: z.string(),
    kwanus_partition: z.string().regex(/^\d+$/),
    kwanus_position: z.string(),
  })
  .meta({ id: 'DeadLetterHeaders' });
