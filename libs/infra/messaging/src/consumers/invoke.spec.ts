import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { ConsumeContext, IntegrationMessage } from '../consumer.port.js';
import type { ConsumerContext } from './context.js';
import { invokeHandler } from './invoke.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const message: IntegrationMessage = {
  id: '01990000-0000-7000-8000-000000000001',
  type: 'kwanus.integration.release-withdrawn.v1',
  source: 'kwanus/intake',
  time: '2026-11-23T10:00:00.000000Z',
  key: 'acme.crm',
  streamId: 'integration-acme.crm',
  streamVersion: 3,
  prevHash: '0'.repeat(64),
  eventHash: '1'.repeat(64),
  correlationId: '01990000-0000-7000-8000-000000000002',
  traceparent: `00-${TRACE}-${PARENT}-01`,
  data: {},
};
const context = { service: 'rollout' } as ConsumerContext;

describe('invokeHandler', () => {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  beforeAll(() => provider.register());
  afterAll(() => provider.shutdown());

  it('goes on in the trace of the message, and hands it to the append', async () => {
    let given: ConsumeContext | undefined;
    await invokeHandler(
      async (_, consume) => void (given = consume),
      message,
      'rollout.integration',
      context,
    );
    const [span] = exporter.getFinishedSpans();
    expect(span?.kind).toBe(SpanKind.CONSUMER);
    expect(span?.spanContext().traceId).toBe(TRACE);
    expect(span?.parentSpanContext?.spanId).toBe(PARENT);
    expect(given?.metadata).toEqual({
      actor: { id: 'system:rollout', kind: 'system' },
      correlationId: message.correlationId,
      causationId: message.id,
      commandId: given?.commandId,
      traceparent: `00-${TRACE}-${span?.spanContext().spanId}-01`,
    });
  });

  it('derives the same command id for the same consumer and message, another for another', async () => {
    const ids: string[] = [];
    for (const consumer of ['a', 'a', 'b'])
      await invokeHandler(async (_, { commandId }) => void ids.push(commandId), message, consumer, context);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('marks the span of a handler that fails', async () => {
    exporter.reset();
    const failing = invokeHandler(() => Promise.reject(new TypeError('no')), message, 'a', context);
    await expect(failing).rejects.toThrow('no');
    expect(exporter.getFinishedSpans()[0]?.status.code).toBe(SpanStatusCode.ERROR);
  });
});
