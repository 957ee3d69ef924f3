import { uuidv5 } from '@kwanus/canonical';

const CONSUMERS = '6f0c3d3a-5d0e-5b7f-9a3e-4c1b8d2f7a90';

/** @returns the command id (UUIDv5) by which a redelivered message is recognised: from consumer and message id */
export const commandIdOf = (consumer: string, messageId: string): string =>
  uuidv5(JSON.stringify([consumer, messageId]), CONSUMERS);
