import { type Counter, metrics, type ObservableGauge } from '@opentelemetry/api';

/** What a log counts; docs/reference/event-log.md has the names and meanings. */
export interface Counters {
  readonly appends: Counter;
  readonly duplicates: Counter;
  readonly refusals: Counter;
  readonly conflicts: Counter;
  readonly retries: Counter;
  readonly guard: Counter;
  readonly clockLead: Counter;
}

/** What is looked at when somebody asks. */
export interface Gauges {
  readonly horizonAge: ObservableGauge;
  readonly lag: ObservableGauge;
  readonly jobs: ObservableGauge;
}

const meter = () => metrics.getMeter('kwanus.event-store');

/** @returns the counters of one log; every measurement carries its schema */
export function logCounters(log: string): Counters {
  const counter = (name: string, description: string): Counter => {
    const counted = meter().createCounter(`kwanus.log.${name}`, { description });
    // A counter that never counted is not shown: zero says that it is watched.
    counted.add(0, { log });
    return { add: (value, attributes, context) => counted.add(value, { log, ...attributes }, context) };
  };
  return {
    appends: counter('appends', 'Events appended.'),
    duplicates: counter('duplicates', 'Appends that repeated a command and wrote nothing.'),
    refusals: counter('refusals', 'Appends refused, by reason.'),
    conflicts: counter('conflicts', 'Appends that expected another version of the stream.'),
    retries: counter('retries', 'Units of work tried again, by reason.'),
    guard: counter('guard_firings', 'Appends stopped by the ordering guard.'),
    clockLead: counter('clock_lead', 'Events whose recorded time leads the clock by more than a second.'),
  };
}

/** @returns the gauges; the caller adds the callbacks */
export const logGauges = (): Gauges => ({
  horizonAge: meter().createObservableGauge('kwanus.log.horizon_age', {
    description:
      'Age of the oldest write transaction in the cluster: newer events are hidden from gap-safe readers.',
    unit: 's',
  }),
  lag: meter().createObservableGauge('kwanus.log.subscriber_lag', {
    description: 'Events that a projection or reaction has not handled yet.',
  }),
  jobs: meter().createObservableGauge('kwanus.log.jobs', { description: 'Jobs by state.' }),
});
