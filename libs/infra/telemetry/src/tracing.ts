import { type Attributes, context, propagation, type Span, SpanStatusCode, trace } from '@opentelemetry/api';

const tracer = () => trace.getTracer('kwanus');

/** @returns the W3C traceparent of the active span; undefined without one */
export function traceparent(): string | undefined {
  const span = trace.getSpanContext(context.active());
  if (span === undefined || !trace.isSpanContextValid(span)) return undefined;
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`;
}

/** @returns the id of the active trace; undefined without one */
export function traceId(): string | undefined {
  const span = trace.getSpanContext(context.active());
  return span !== undefined && trace.isSpanContextValid(span) ? span.traceId : undefined;
}

/**
 * Runs the work inside a span; an error is recorded on it and thrown on.
 * @param parent traceparent of the message or event that caused the work; without it the active span is the parent
 */
export async function withSpan<T>(
  name: string,
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
  parent?: string,
): Promise<T> {
  const origin =
    parent === undefined ? context.active() : propagation.extract(context.active(), { traceparent: parent });
  return tracer().startActiveSpan(name, { attributes }, origin, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.recordException(error instanceof Error ? error : String(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}
