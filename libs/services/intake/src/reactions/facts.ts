import { uuidv5 } from '@kwanus/canonical';
import { type IntegrationEvent, RecordFact } from '@kwanus/domain-integration';
import { isDomainRejection } from '@kwanus/kernel';
import type { ConsumeContext, ConsumerDefinition, IntegrationMessage } from '@kwanus/messaging';
import { Logger } from '@nestjs/common';
import type { z } from 'zod';
import type { IntegrationDesk } from '../integration-desk.js';

type Handler = ConsumerDefinition['handlers'][string];
interface OfIntegration {
  readonly integrationId: string;
}
/** Message data → the fact in the integration's own words, or null where it says nothing for the audit trail. */
type ToFact<Data> = (data: Data & { readonly cause: string }) => IntegrationEvent | null;

const logger = new Logger('intake facts');

/** @returns what makes handlers of the messages of another service: each records one fact, with the event that caused it */
export const factsFor =
  (desk: IntegrationDesk) =>
  <Data extends OfIntegration>(schema: z.ZodType<Data>, toFact: ToFact<Data>): Handler =>
  async (message: IntegrationMessage, { metadata }: ConsumeContext) => {
    const data = schema.parse(message.data);
    const fact = toFact({ ...data, cause: message.id });
    if (fact === null) return;
    const requestId = uuidv5(`intake validation ${metadata.commandId}`);
    try {
      await desk.record(data.integrationId, new RecordFact(data.integrationId, fact, requestId), metadata);
    } catch (error) {
      if (!isDomainRejection(error) || error.code !== 'not-proposed') throw error;
      logger.warn({
        msg: 'a fact about an integration that nobody proposed',
        type: message.type,
        id: message.id,
      });
    }
  };
