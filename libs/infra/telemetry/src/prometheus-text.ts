import { type PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';

/** @returns what the registry holds now, as Prometheus text */
export async function prometheusText(registry: PrometheusExporter): Promise<string> {
  const { resourceMetrics } = await registry.collect();
  return new PrometheusSerializer().serialize(resourceMetrics);
}
