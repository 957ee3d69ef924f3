/** A topic: who writes it, how many partitions (fixed at creation), how long it keeps messages (−1: for ever). */
export interface Topic {
  readonly name: string;
  /** The one service that writes it; null: platform services. */
  readonly owner: string | null;
  readonly partitions: number;
  readonly retentionMs: number;
}

const FOR_EVER = -1;
const SEVEN_DAYS = 7 * 24 * 3600 * 1000;

export const TOPICS = {
  integration: { name: 'kwanus.integration', owner: 'kwanus/intake', partitions: 6, retentionMs: FOR_EVER },
  validation: { name: 'kwanus.validation', owner: 'kwanus/validation', partitions: 6, retentionMs: FOR_EVER },
  rollout: { name: 'kwanus.rollout', owner: 'kwanus/rollout', partitions: 6, retentionMs: FOR_EVER },
  monitoring: { name: 'kwanus.monitoring', owner: 'kwanus/monitoring', partitions: 6, retentionMs: FOR_EVER },
  telemetry: { name: 'kwanus.telemetry', owner: null, partitions: 6, retentionMs: SEVEN_DAYS },
} as const satisfies Record<string, Topic>;

export type TopicName = keyof typeof TOPICS;
export type ServiceName = Exclude<TopicName, 'integration' | 'telemetry'> | 'intake';

/** Which service reads which topics. */
export const READERS: Readonly<Record<ServiceName, readonly TopicName[]>> = {
  intake: ['validation', 'rollout', 'monitoring'],
  validation: ['integration', 'monitoring'],
  rollout: ['integration', 'monitoring'],
  monitoring: ['integration', 'validation', 'rollout', 'telemetry'],
};

/** @returns the name of a service's consumer of a topic: its consumer group, and the first part of `<group>.dlq` */
export const groupOf = (service: ServiceName, topic: TopicName): string => `${service}.${topic}`;
