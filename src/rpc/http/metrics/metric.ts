/** Units as the API names them (spec/metrics.md section 5.2). */
export type MetricUnit = "None" | "Milliseconds" | "Seconds" | "Bytes";

/** A number of samples within limits; see Distribution. */
export interface DistributionValue {
  readonly min: number;
  readonly max: number;
  readonly average: number;
  readonly median: number;
  readonly sum: number;
  readonly count: number;
  /** Number of changes. */
  readonly generation: number;
  /** Of all ranges; the first has no lower and the last no upper limit. */
  readonly ranges: readonly {
    readonly lower: number | undefined;
    readonly upper: number | undefined;
    readonly count: number;
  }[];
}

/** A value with its kind. Times are nanoseconds since 1970, durations nanoseconds. */
export type MetricValue =
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "int64" | "uint64"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "time" | "duration"; readonly value: bigint }
  | { readonly kind: "distribution"; readonly value: DistributionValue };

/** One metric of the tree at `/metrics/` and `/metricsapi/`. */
export type Metric = MetricValue & {
  /** Absolute. */
  readonly path: string;
  readonly description: string;
  readonly unit: MetricUnit;
};

/** The metrics at or below `path` (without a slash at the end; empty: all), in the order of their paths. */
export function metricsBelow(metrics: readonly Metric[], path: string): readonly Metric[] {
  return metrics
    .filter((metric) => metric.path === path || metric.path.startsWith(`${path}/`))
    .toSorted((left, right) => (left.path < right.path ? -1 : 1));
}
