import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { metrics, NodeSDK, resources, tracing } from '@opentelemetry/sdk-node';
import { keepRegistry } from './exposition.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Keeps trace ids in logs, events and messages, and sends nothing. */
class KeptHere implements tracing.SpanProcessor {
  onStart(): void {
    // Nothing is sent from here.
  }
  onEnd(): void {
    // Nothing is sent from here.
  }
  forceFlush(): Promise<void> {
    return Promise.resolve();
  }
  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

const QUIET = new Set(['/livez', '/readyz', '/metrics']);

/**
 * Sets OpenTelemetry up. Metrics are read at `/metrics` of our own server, no port is opened for them. Traces and metrics leave
 * the process only when OTEL_EXPORTER_OTLP_ENDPOINT is set.
 * @returns flushes and stops; null when OTEL_SDK_DISABLED is `true`
 */
export function startTelemetry(environment: Environment = process.env): { stop: () => Promise<void> } | null {
  if (environment['OTEL_SDK_DISABLED'] === 'true') return null;
  const exporting = Boolean(environment['OTEL_EXPORTER_OTLP_ENDPOINT']);
  const registry = new PrometheusExporter({ preventServerStart: true });
  const readers: metrics.IMetricReader[] = [registry];
  if (exporting)
    readers.push(
      new metrics.PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter(),
        ...timesOf(environment),
      }),
    );
  const sdk = new NodeSDK({
    serviceName: environment['OTEL_SERVICE_NAME'] ?? serviceNameOf(process.argv[1]),
    // Not the process detector: command line and owner would stand in /metrics.
    resourceDetectors: [resources.envDetector],
    metricReaders: readers,
    logRecordProcessors: [],
    ...(exporting ? {} : { spanProcessors: [new KeptHere()] }),
    instrumentations: [
      new HttpInstrumentation({
        ignoreIncomingRequestHook: (request) => QUIET.has(request.url ?? ''),
      }),
      new PgInstrumentation({ requireParentSpan: true }),
    ],
  });
  sdk.start();
  keepRegistry(registry);
  return { stop: () => sdk.shutdown() };
}

/**
 * The reader does not look at these variables by itself, and refuses a time limit beyond its interval: the next export would begin before.
 * Defaults: OpenTelemetry SDK configuration, "Periodic exporting MetricReader".
 */
function timesOf(environment: Environment): { exportIntervalMillis: number; exportTimeoutMillis: number } {
  const interval = milliseconds(environment['OTEL_METRIC_EXPORT_INTERVAL'], 60_000);
  const limit = milliseconds(environment['OTEL_METRIC_EXPORT_TIMEOUT'], 30_000);
  return { exportIntervalMillis: interval, exportTimeoutMillis: Math.min(interval, limit) };
}

/** @returns the default for what is no positive number, as the specification wants */
function milliseconds(text: string | undefined, otherwise: number): number {
  const value = Number(text);
  return value > 0 ? value : otherwise;
}

/** @returns `kwanus-intake` for `dist/intake.js`; `kwanus` for what is no program of ours */
function serviceNameOf(script = ''): string {
  const [, program] = /[\\/]dist[\\/]([a-z]+)\.js$/.exec(script) ?? [];
  return program === undefined ? 'kwanus' : `kwanus-${program}`;
}
