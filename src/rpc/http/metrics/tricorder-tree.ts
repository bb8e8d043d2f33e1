import { isSecretName, REDACTED, redactText } from "../../redaction/redact-text.ts";
import type { Metric, MetricUnit, MetricValue } from "./metric.ts";
import type { CertificateFacts, FlagFact, MetricsSource } from "./metrics-source.ts";
import { srpcMetrics } from "./tricorder-srpc.ts";

/**
 * The metrics that scrapers of the original know, by its paths (spec/metrics.md section 5.3), as far as there are such
 * things here: none of its runtime (`/proc/go`), of message queues and of signals.
 */
export async function tricorderTree(source: MetricsSource): Promise<readonly Metric[]> {
  const srpc = source.srpc?.();
  const certificate = source.certificate?.();
  return [
    ...processMetrics(source),
    ...(await usageMetrics(source)),
    ...source.flags.map(flagMetric),
    ...(srpc === undefined ? [] : srpcMetrics(srpc)),
    ...(certificate === undefined ? [] : certificateMetrics(certificate)),
  ];
}

function metric(path: string, description: string, value: MetricValue, unit: MetricUnit = "None"): Metric {
  return { path, description, unit, ...value };
}

function processMetrics({ snapshot, ownProcess }: MetricsSource): readonly Metric[] {
  const [name = ""] = ownProcess.args;
  const args = ownProcess.args.slice(1).join("|");
  const started = BigInt(Math.round(snapshot().startedUnixMs * 1000)) * 1000n;
  return [
    metric("/proc/args", "Program arguments", { kind: "string", value: redactText(args) }),
    metric("/proc/name", "Program name", { kind: "string", value: name }),
    metric("/proc/start-time", "Program start time", { kind: "time", value: started }),
  ];
}

async function usageMetrics({ ownProcess }: MetricsSource): Promise<readonly Metric[]> {
  const usage = await ownProcess.usage();
  const count = (path: string, description: string, value: number | undefined): readonly Metric[] =>
    value === undefined ? [] : [metric(path, description, { kind: "int64", value })];
  const seconds = (path: string, description: string, value: number): Metric =>
    metric(path, description, { kind: "duration", value: BigInt(Math.round(value * 1e9)) }, "Seconds");
  return [
    seconds("/proc/cpu/user", "User CPU time used", usage.cpuUserSeconds),
    seconds("/proc/cpu/sys", "System CPU time used", usage.cpuSystemSeconds),
    ...count("/proc/io/input", "Input operations", usage.blockInputs),
    ...count("/proc/io/output", "Output operations", usage.blockOutputs),
    ...count("/proc/io/num-open-file-descriptors", "Open file descriptors", usage.openFileDescriptors),
    metric(
      "/proc/memory/total",
      "Memory of this process",
      { kind: "uint64", value: usage.residentBytes },
      "Bytes",
    ),
    metric(
      "/proc/memory/max-resident-set-size",
      "Maximum resident set size",
      { kind: "int64", value: usage.maximumResidentBytes },
      "Bytes",
    ),
    ...count("/proc/memory/hard-page-fault", "Hard page faults", usage.majorPageFaults),
    ...count("/proc/memory/soft-page-fault", "Soft page faults", usage.minorPageFaults),
    ...count("/proc/memory/swaps", "Swaps", usage.swaps),
    ...count("/proc/scheduler/voluntary-switches", "Voluntary context switches", usage.voluntarySwitches),
    ...count(
      "/proc/scheduler/involuntary-switches",
      "Involuntary context switches",
      usage.involuntarySwitches,
    ),
  ];
}

function flagMetric({ name, kind, value, description }: FlagFact): Metric {
  const path = `/proc/flags/${name}`;
  if (typeof value === "string") {
    const shown =
      isSecretName(name) && value !== "" && !/File(?:name)?$/.test(name) ? REDACTED : redactText(value);
    return metric(path, description, { kind: "string", value: shown });
  }
  if (typeof value === "boolean") return metric(path, description, { kind: "bool", value });
  if (kind === "duration") return metric(path, description, { kind, value: BigInt(value) }, "Seconds");
  return metric(path, description, { kind: kind === "uint64" ? kind : "int64", value: Number(value) });
}

function certificateMetrics(certificate: CertificateFacts): readonly Metric[] {
  const time = (path: string, description: string, ms: number): Metric =>
    metric(path, description, { kind: "time", value: BigInt(Math.round(ms)) * 1_000_000n });
  const { activationMs, expiryMs, earliestAuthorityExpiryMs } = certificate;
  const own = ["client", "server"].flatMap((side) => [
    time(`/srpc/${side}/earliest-certificate-expiration`, "When our certificate expires", expiryMs),
    time(
      `/srpc/${side}/earliest-expiring-certificate-activation`,
      "Since when our certificate is valid",
      activationMs,
    ),
  ]);
  if (earliestAuthorityExpiryMs === undefined) return own;
  const authority = "When the first of the trusted authorities expires";
  return [...own, time("/srpc/server/earliest-ca-expiration", authority, earliestAuthorityExpiryMs)];
}
