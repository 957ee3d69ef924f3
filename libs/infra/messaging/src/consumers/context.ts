import type { UnitOfWork } from '@kwanus/event-store';
import type { IntegrationMessage } from '../consumer.port.js';
import type { ReceivedMessage } from '../transport.port.js';
import type { Inbox } from './inbox.js';
import type { Parking } from './parking.js';
import type { ConsumerRecord } from './record.js';
import type { Standing } from './standing.js';

/** What the parts of one consumer share. */
export interface ConsumerContext {
  /** `intake` */
  readonly service: string;
  readonly work: UnitOfWork;
  readonly inbox: Inbox;
  readonly parking: Parking;
  readonly record: ConsumerRecord;
  /** Before a handler runs, within the trace of the message: for the log. */
  readonly handling?: (message: IntegrationMessage) => void;
  /** After a message was parked: tells whoever must know. No error: it only waits behind another. */
  readonly parked: (message: ReceivedMessage, error: unknown) => Promise<void>;
  /** Counts what was left out because it had come before. */
  readonly skipped: (standing: Standing) => void;
}
