import { Counter, Gauge, Registry } from "prom-client";
import type { MetricFamily } from "./metric-family.ts";
import type { MetricsSource } from "./metrics-source.ts";
import { certificateFamilies, portFamilies, processFamilies } from "./process-families.ts";
import { runFamilies } from "./run-families.ts";

/** Version 0.0.4 of the text format. */
export const PROMETHEUS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** All metrics in the text format of Prometheus, as they are now. */
export async function renderPrometheus(source: MetricsSource): Promise<string> {
  const snapshot = source.snapshot();
  const usage = await source.ownProcess.usage();
  const port = source.port?.();
  return renderFamilies([
    ...runFamilies(snapshot),
    ...processFamilies(snapshot, usage),
    ...(port === undefined ? [] : portFamilies(port)),
    ...certificateFamilies(source.certificate?.()),
  ]);
}

async function renderFamilies(families: readonly MetricFamily[]): Promise<string> {
  // A registry of its own each time: nothing is counted here, and nothing stays.
  const registry = new Registry();
  for (const { name, help, type, samples } of families) {
    if (samples.length === 0) continue;
    const labelNames = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))];
    const configuration = { name, help, labelNames, registers: [registry] };
    const gauge = type === "gauge" ? new Gauge(configuration) : undefined;
    const counter = type === "counter" ? new Counter(configuration) : undefined;
    for (const { labels, value } of samples) {
      gauge?.set(labels, value);
      counter?.inc(labels, value);
    }
  }
  return registry.metrics();
}
