import type { DistributionValue, Metric } from "./metric.ts";
import { formatNineDecimals } from "./metric-text.ts";

/** A metric as `/metricsapi/` shows it (spec/metrics.md section 5.2). All metrics are of one moment: one group. */
export function metricToJson(metric: Metric, nowMs: number): object {
  return {
    path: metric.path,
    description: metric.description,
    unit: metric.unit,
    kind: metric.kind,
    ...(metric.kind === "int64" || metric.kind === "uint64" ? { bits: 64 } : {}),
    value: valueToJson(metric),
    timestamp: formatNineDecimals(BigInt(Math.round(nowMs * 1000)) * 1000n),
    groupId: 0,
  };
}

function valueToJson(metric: Metric): unknown {
  switch (metric.kind) {
    case "bool":
    case "int64":
    case "uint64":
    case "string":
      return metric.value;
    case "time":
    case "duration":
      return formatNineDecimals(metric.value);
    case "distribution":
      return distributionToJson(metric.value);
  }
}

function distributionToJson({ ranges, ...figures }: DistributionValue): object {
  return {
    ...figures,
    ranges: ranges.map(({ lower = 0, upper = 0, count }) => ({ lower, upper, count })),
  };
}
