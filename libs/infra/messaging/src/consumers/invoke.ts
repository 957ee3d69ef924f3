import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { commandIdOf } from '../command-id.js';
import type { ConsumeContext, ConsumerDefinition, IntegrationMessage } from '../consumer.port.js';
import type { ConsumerContext } from './context.js';

type Handler = ConsumerDefinition['handlers'][string];

/** Runs a handler in a consumer span whose parent is the message's. */
export async function invokeHandler(
  handler: Handler,
  message: IntegrationMessage,
  consumer: string,
  { service, handling }: ConsumerContext,
): Promise<void> {
  const parent =
    message.traceparent === undefined
      ? context.active()
      : propagation.extract(context.active(), { traceparent: message.traceparent });
  const attributes = {
    'messaging.operation.type': 'process',
    'messaging.consumer.group.name': consumer,
    'messaging.message.id': message.id,
    'kwanus.message.type': message.type,
    'kwanus.stream': message.streamId,
  };
  const options = { kind: SpanKind.CONSUMER, attributes };
  await trace.getTracer('kwanus').startActiveSpan(`process ${message.type}`, options, parent, (span) =>
    within(span, () => {
      handling?.(message);
      return handler(message, contextOf(message, consumer, service));
    }),
  );
}

async function within(span: Span, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    span.recordException(error instanceof Error ? error : String(error));
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

function contextOf(message: IntegrationMessage, consumer: string, service: string): ConsumeContext {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  const traceparent = carrier.traceparent ?? message.traceparent;
  const commandId = commandIdOf(consumer, message.id);
  return {
    commandId,
    metadata: {
      actor: { id: `system:${service}`, kind: 'system' },
      correlationId: message.correlationId,
      causationId: message.id,
      commandId,
      ...(traceparent === undefined ? {} : { traceparent }),
      ...(message.playbookVersion === undefined ? {} : { playbookVersion: message.playbookVersion }),
    },
  };
}
