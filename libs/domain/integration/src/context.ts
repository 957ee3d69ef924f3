import type { Playbook } from '@kwanus/domain-playbook';
import type { Timestamp } from '@kwanus/kernel';

/** Who sits where, and at which version of the membership stream that was so. */
export interface Membership {
  readonly version: number;
  /** Body → actor ids. */
  readonly seats: Readonly<Record<string, readonly string[]>>;
}

/** Everything beside the state that a decision depends on. */
export interface IntegrationContext {
  readonly playbook: Playbook;
  readonly asOf: Timestamp;
  readonly membership: Membership;
}
