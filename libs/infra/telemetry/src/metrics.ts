import { type Attributes, metrics } from '@opentelemetry/api';

interface Metric {
  readonly kind: 'counter' | 'histogram';
  readonly description: string;
  readonly unit: string;
}

/**
 * Metrics of HTTP and of the services, under their OpenTelemetry names; the log and the transport keep their own beside their code.
 * Labels are bounded: routes, types, outcomes; never ids.
 */
export const METRICS = {
  'kwanus.commands': {
    kind: 'counter',
    unit: '1',
    description: 'Commands over HTTP, by route and outcome',
  },
  'kwanus.command.duration': {
    kind: 'histogram',
    unit: 's',
    description: 'How long a command took over HTTP',
  },
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

/** Fine around what a command should take, coarse beyond. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

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
  const histogram =
    histograms.get(name) ??
    meter().createHistogram(name, { ...METRICS[name], advice: { explicitBucketBoundaries: SECONDS } });
  histograms.set(name, histogram);
  histogram.record(value, attributes);
}
