import { integrationMessages, TOPICS } from '@kwanus/contracts';
import type { ConsumerDefinition } from '@kwanus/messaging';
import type { SeatBook } from '../permissions/seat-book.js';
import type { Platform } from '../platform/platform.js';
import { type MatrixStreams, matrixStream, type RunStreams, runStream } from '../validation-streams.js';
import { type GrantBooks, grantHandlers, noteGrants } from './grants.js';
import { membershipHandlers } from './membership.js';
import { waiverHandlers } from './waivers.js';

/** The step at which a release is signed off: its row of the matrix is written when it begins. */
const REVIEW_STEP = 7;
const ofType = (name: string): string => `${TOPICS.integration.name}.${name}.v1`;

/** Intake asks for runs and cancels them, says when a release begins to act, when it comes to its review, and when an integration is retired. */
export const integrationConsumer = (
  books: GrantBooks,
  platform: Platform,
  seats: SeatBook,
): ConsumerDefinition => ({
  name: 'validation.integration',
  topic: TOPICS.integration.name,
  source: TOPICS.integration.owner,
  handlers: {
    [ofType('validation-requested')]: onValidationRequested(books.runs),
    [ofType('validation-cancelled')]: onValidationCancelled(books.runs),
    [ofType('step-entered')]: onStepEntered(books.matrix, platform),
    [ofType('integration-retired')]: onRetired(books),
    ...grantHandlers(books),
    ...waiverHandlers(books.matrix),
    ...membershipHandlers(seats),
  },
});

type Handler = ConsumerDefinition['handlers'][string];

const onValidationRequested =
  (runs: RunStreams): Handler =>
  async ({ data }, { metadata }) => {
    const { checks, ...asked } = integrationMessages.ValidationRequested.parse(data);
    const request = { ...asked, runId: asked.requestId, ...(checks === undefined ? {} : { checks }) };
    await runs.handle({
      streamId: runStream(asked.requestId),
      routingKey: asked.integrationId,
      command: { type: 'RequestRun', request },
      context: undefined,
      metadata,
    });
  };

const onValidationCancelled =
  (runs: RunStreams): Handler =>
  async ({ data }, { metadata }) => {
    const { requestId, integrationId, reason } = integrationMessages.ValidationCancelled.parse(data);
    await runs.handle({
      streamId: runStream(requestId),
      routingKey: integrationId,
      command: { type: 'CancelRun', reason },
      context: undefined,
      metadata,
    });
  };

const onStepEntered =
  (matrix: MatrixStreams, platform: Platform): Handler =>
  async ({ data }, { metadata }) => {
    const { integrationId, release, step } = integrationMessages.StepEntered.parse(data);
    if (step !== REVIEW_STEP) return;
    const { environment, versions } = await platform.facts();
    await matrix.handle({
      streamId: matrixStream(integrationId),
      routingKey: integrationId,
      command: { type: 'UpdateMatrix', integrationId, release, environment, platformVersions: versions },
      context: undefined,
      metadata,
    });
  };

const onRetired =
  (books: GrantBooks): Handler =>
  async ({ data }, { metadata }) => {
    const { integrationId, reason } = integrationMessages.IntegrationRetired.parse(data);
    await books.matrix.handle({
      streamId: matrixStream(integrationId),
      routingKey: integrationId,
      command: { type: 'RetireRows', integrationId, reason },
      context: undefined,
      metadata,
    });
    await noteGrants(books, { type: 'EndGrants', integrationId, release: null, cause: 'retired' }, metadata);
  };
