import type { PrometheusExporter } from '@opentelemetry/exporter-prometheus';

const KEY = Symbol.for('kwanus.telemetry.prometheus');
type Place = { [KEY]?: PrometheusExporter };

/** Keeps the registry where the application finds it: the set-up is loaded before the application, apart from it. */
export const keepRegistry = (exporter: PrometheusExporter): void => {
  (globalThis as Place)[KEY] = exporter;
};

/** @returns the metrics as Prometheus text; a comment when telemetry was not set up (`@kwanus/telemetry/register`) */
export async function metricsText(): Promise<string> {
  const exporter = (globalThis as Place)[KEY];
  if (exporter === undefined) return '# Telemetry is not set up in this process.\n';
  const { prometheusText } = await import('./prometheus-text.js');
  return prometheusText(exporter);
}
