/** One figure; labels tell it from the others of its family. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Figures of one meaning, in the terms of Prometheus: base units, counters end in `_total`. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: "gauge" | "counter";
  readonly samples: readonly Sample[];
}

/** A family of one gauge; of none when it is not known. */
export function only(name: string, help: string, value: number | undefined): MetricFamily {
  return { name, help, type: "gauge", samples: value === undefined ? [] : [{ labels: {}, value }] };
}

/** As only, something that never gets less. */
export function total(name: string, help: string, value: number | undefined): MetricFamily {
  return { ...only(name, help, value), type: "counter" };
}
