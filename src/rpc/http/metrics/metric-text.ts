import type { DistributionValue, Metric } from "./metric.ts";

/** A value in the text form (spec/metrics.md section 5.1). */
export function formatMetric(metric: Metric): string {
  switch (metric.kind) {
    case "bool":
    case "int64":
    case "uint64":
      return String(metric.value);
    case "string":
      return JSON.stringify(metric.value);
    case "time":
    case "duration":
      return formatNineDecimals(metric.value);
    case "distribution":
      return formatDistribution(metric.value);
  }
}

/** As formatMetric, with times for people (RFC 3339). */
export function formatMetricForPeople(metric: Metric): string {
  if (metric.kind !== "time") return formatMetric(metric);
  return new Date(Number(metric.value / 1_000_000n)).toISOString();
}

/** Seconds with nine decimals. */
export function formatNineDecimals(nanoseconds: bigint): string {
  const magnitude = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const digits = magnitude.toString().padStart(10, "0");
  return `${nanoseconds < 0n ? "-" : ""}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

function formatDistribution(value: DistributionValue): string {
  const { min, max, average, median, sum, count } = value;
  const ranges = value.ranges
    .filter((range) => range.count > 0)
    .map(({ lower, upper, count: inRange }) => {
      const start = lower === undefined ? "[-inf," : `[${lower},`;
      return `${start}${upper ?? "inf"}):${inRange};`;
    });
  return `{min:${min};max:${max};avg:${average};median:${median};sum:${sum};count:${count};${ranges.join("")}}`;
}
