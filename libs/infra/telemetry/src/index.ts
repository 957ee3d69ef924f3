export { traceId, traceparent, withSpan } from './tracing.js';
