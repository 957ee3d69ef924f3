export { metricsText } from './exposition.js';
export { createLogger, type LogOptions, PinoLoggerService } from './logger.js';
export { count, METRICS, type MetricName, record } from './metrics.js';
export { traceId, traceparent, withSpan } from './tracing.js';
