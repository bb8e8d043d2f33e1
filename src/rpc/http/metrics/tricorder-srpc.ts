import type { Metric } from "./metric.ts";
import type { SrpcFigures, SrpcMethodFigures } from "./srpc-statistics.ts";

/** `/srpc/server` (spec/metrics.md section 5.3). */
export function srpcMetrics(figures: SrpcFigures): readonly Metric[] {
  return [
    count("/srpc/server/num-connections", "Connections since the start", figures.connections),
    count("/srpc/server/num-open-connections", "Open connections", figures.openConnections),
    count("/srpc/server/num-rejected-connections", "Connections turned away", figures.rejectedConnections),
    count("/srpc/server/num-running-methods", "Calls that go on", figures.runningMethods),
    ...figures.methods.flatMap(methodMetrics),
  ];
}

function methodMetrics(figures: SrpcMethodFigures): readonly Metric[] {
  const directory = `/srpc/server/${figures.method.replace(".", "/")}`;
  const durations = (
    name: string,
    description: string,
    value: SrpcMethodFigures["failedDurations"],
  ): Metric => ({
    path: `${directory}/${name}`,
    description,
    unit: "Milliseconds",
    kind: "distribution",
    value,
  });
  return [
    count(`${directory}/num-denied-calls`, "Calls that were not allowed", figures.denied),
    count(`${directory}/num-permitted-calls`, "Calls that were allowed", figures.permitted),
    count(`${directory}/num-running-calls`, "Calls that go on", figures.running),
    durations("failed-call-durations", "Durations of calls that failed", figures.failedDurations),
    durations("successful-call-durations", "Durations of calls that succeeded", figures.successfulDurations),
  ];
}

function count(path: string, description: string, value: number): Metric {
  return { path, description, unit: "None", kind: "uint64", value };
}
