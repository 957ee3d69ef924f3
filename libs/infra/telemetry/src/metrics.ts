import { type Attributes, metrics, type ObservableResult } from '@opentelemetry/api';

interface Metric {
  readonly kind: 'counter' | 'histogram' | 'gauge';
  readonly description: string;
  readonly unit: string;
}

/** Every metric that is exported, under its OpenTelemetry name. Labels are bounded: services, topics, types, outcomes; never ids. */
export const METRICS = {
  'kwanus.commands': {
    kind: 'counter',
    unit: '1',
    description: 'Commands over HTTP, by service and outcome',
  },
  'kwanus.command.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'How long a command took over HTTP',
  },
  'kwanus.log.appends': { kind: 'counter', unit: '1', description: 'Appends to the log, by service' },
  'kwanus.log.events': { kind: 'counter', unit: '1', description: 'Events appended, by service' },
  'kwanus.log.conflicts': { kind: 'counter', unit: '1', description: 'Version conflicts, by service' },
  'kwanus.log.guard_firings': {
    kind: 'counter',
    unit: '1',
    description: 'Appends that the ordering guard sent back',
  },
  'kwanus.log.retries': {
    kind: 'counter',
    unit: '1',
    description: 'Units of work that were begun again, by reason',
  },
  'kwanus.log.horizon_age': {
    kind: 'gauge',
    unit: 's',
    description: 'Age of the oldest open write transaction',
  },
  'kwanus.log.clock_lead': { kind: 'gauge', unit: 's', description: 'How far recorded times lead the clock' },
  'kwanus.relay.lag': {
    kind: 'gauge',
    unit: '{event}',
    description: 'Events stored and not yet sent, by service',
  },
  'kwanus.relay.messages': { kind: 'counter', unit: '1', description: 'Messages sent, by service' },
  'kwanus.consumer.lag': { kind: 'gauge', unit: '{message}', description: 'Messages behind, by consumer' },
  'kwanus.consumer.messages': {
    kind: 'counter',
    unit: '1',
    description: 'Messages handled, by consumer and outcome',
  },
  'kwanus.consumer.parked': { kind: 'gauge', unit: '{message}', description: 'Messages parked, by consumer' },
  'kwanus.projection.lag': {
    kind: 'gauge',
    unit: '{event}',
    description: 'Events behind, by service and projection',
  },
  'kwanus.jobs': { kind: 'counter', unit: '1', description: 'Jobs done, by service, kind and outcome' },
  'kwanus.gate.verdicts': {
    kind: 'counter',
    unit: '1',
    description: 'Gate verdicts of rollouts, by verdict',
  },
  'kwanus.telemetry.messages': {
    kind: 'counter',
    unit: '{message}',
    description: 'Pieces of partner telemetry, by outcome: counted, late, or why refused',
  },
  'kwanus.telemetry.windows': {
    kind: 'counter',
    unit: '{window}',
    description: 'Telemetry windows, by outcome: sealed, corrected',
  },
} as const satisfies Readonly<Record<string, Metric>>;

/** The name of a metric. */
export type MetricName = keyof typeof METRICS;
type NameOf<Kind> = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];

const meter = () => metrics.getMeter('kwanus');
const counters = new Map<string, ReturnType<ReturnType<typeof meter>['createCounter']>>();
const histograms = new Map<string, ReturnType<ReturnType<typeof meter>['createHistogram']>>();

/** Adds to a counter. */
export function count(name: NameOf<'counter'>, attributes: Attributes = {}, amount = 1): void {
  const counter = counters.get(name) ?? meter().createCounter(name, METRICS[name]);
  counters.set(name, counter);
  counter.add(amount, attributes);
}

/** Records a value (a duration in seconds) in a histogram. */
export function record(name: NameOf<'histogram'>, value: number, attributes: Attributes = {}): void {
  const histogram = histograms.get(name) ?? meter().createHistogram(name, METRICS[name]);
  histograms.set(name, histogram);
  histogram.record(value, attributes);
}

/**
 * Reports a gauge whenever somebody reads the metrics.
 * @param observe reports the values; it may wait for a query, and what it throws is left out
 * @returns stops the reporting
 */
export function observe(
  name: NameOf<'gauge'>,
  observe: (result: ObservableResult) => void | Promise<void>,
): () => void {
  const gauge = meter().createObservableGauge(name, METRICS[name]);
  gauge.addCallback(observe);
  return () => gauge.removeCallback(observe);
}
