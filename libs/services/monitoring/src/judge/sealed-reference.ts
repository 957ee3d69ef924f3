import { type Json } from '@kwanus/kernel';

/** The kind of the job that judges windows after they were sealed. */
export const JUDGE_WINDOWS = 'judge-windows';

/** Events of one stream of the telemetry log, appended together. */
export interface SealedReference {
  readonly integrationId: string;
  readonly streamId: string;
  /** Version of the last of them. */
  readonly version: number;
  /** How many they are. */
  readonly events: number;
  readonly [key: string]: Json;
}
