/** One partition of the telemetry topic. */
export interface Partition {
  readonly topic: string;
  readonly partition: number;
}
