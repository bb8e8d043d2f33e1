import type { Snapshot } from "../../../engine/snapshot.ts";
import type { ProcessUsage } from "../../../system/own-process.ts";
import { type MetricFamily, only, total } from "./metric-family.ts";
import type { CertificateFacts, PortFigures } from "./metrics-source.ts";

/** This process and its machine; the names are those that Prometheus has for all processes. */
export function processFamilies(snapshot: Snapshot, usage: ProcessUsage): readonly MetricFamily[] {
  const { cpuUserSeconds, cpuSystemSeconds } = usage;
  return [
    {
      name: "installer_build_info",
      help: "Version of the program",
      type: "gauge",
      samples: [{ labels: { version: snapshot.version, runtime: snapshot.runtime }, value: 1 }],
    },
    total("process_cpu_seconds_total", "Processor time of this process", cpuUserSeconds + cpuSystemSeconds),
    total("process_cpu_user_seconds_total", "Processor time outside the kernel", cpuUserSeconds),
    total("process_cpu_system_seconds_total", "Processor time inside the kernel", cpuSystemSeconds),
    only("process_resident_memory_bytes", "Resident memory of this process", usage.residentBytes),
    only("process_open_fds", "Open file descriptors", usage.openFileDescriptors),
    only(
      "process_start_time_seconds",
      "When this process started, seconds since 1970 by the clock as it is now",
      snapshot.startedUnixMs / 1000,
    ),
    only("installer_machine_memory_bytes", "Memory of the machine", snapshot.machine.memoryBytes),
    only(
      "installer_machine_memory_available_bytes",
      "Memory of the machine that programs can still use",
      snapshot.machine.availableMemoryBytes,
    ),
  ];
}

/** The port that this is read from. */
export function portFamilies(port: PortFigures): readonly MetricFamily[] {
  return [
    only("installer_port_connections", "Open connections", port.connections),
    total("installer_port_accepted_connections_total", "Connections accepted", port.accepted),
    byLabel("installer_port_refused_connections_total", "Connections turned away", "limit", port.refused),
    byLabel("installer_port_protocol_connections_total", "Connections", "protocol", port.byProtocol),
    total("installer_port_tls_handshakes_total", "TLS handshakes begun", port.tlsHandshakes),
    total("installer_port_tls_failures_total", "TLS handshakes that failed", port.tlsFailures),
  ];
}

/** Empty without a certificate. */
export function certificateFamilies(certificate: CertificateFacts | undefined): readonly MetricFamily[] {
  const expiryMs = certificate?.expiryMs;
  return [
    only(
      "installer_certificate_expiry_timestamp_seconds",
      "When our certificate expires",
      expiryMs === undefined ? undefined : expiryMs / 1000,
    ),
  ];
}

function byLabel(
  name: string,
  help: string,
  label: string,
  figures: Readonly<Record<string, number>>,
): MetricFamily {
  const samples = Object.entries(figures).map(([key, value]) => ({ labels: { [label]: key }, value }));
  return { name, help: `${help}, by ${label}`, type: "counter", samples };
}
