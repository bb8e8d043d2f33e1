import { expect, test } from "vitest";
import type { StepStatus } from "../../../../../src/engine/status.ts";
import { renderPrometheus } from "../../../../../src/rpc/http/metrics/prometheus.ts";
import { USAGE } from "../../../../support/process-usage.ts";
import { makeSnapshot } from "../../../../support/snapshots.ts";

const STEPS: readonly StepStatus[] = [
  {
    id: "download-objects",
    title: "Download",
    destructive: false,
    state: "done",
    startedAt: 1_000,
    endedAt: 3_500,
    movedAt: 3_500,
    unit: "bytes",
    done: 1_000,
    total: 2_000,
  },
  {
    id: "unpack-image",
    title: "Unpack",
    destructive: true,
    state: "running",
    startedAt: 4_000,
    movedAt: 4_000,
    unit: "inodes",
    done: 12,
  },
];

function render(): Promise<string> {
  return renderPrometheus({
    snapshot: () =>
      makeSnapshot({
        at: 24_000,
        version: '1.2 "x"\\\n',
        status: { outcome: "running", message: "", steps: STEPS, notices: [] },
        stall: { stepId: "unpack-image", since: 4_000, waitingFor: "tar" },
      }),
    ownProcess: { args: [], usage: async () => USAGE },
    flags: [],
    port: () => ({
      connections: 3,
      accepted: 40,
      refused: { total: 2, address: 0 },
      byProtocol: { http: 30, grpc: 10 },
      tlsHandshakes: 11,
      tlsFailures: 1,
    }),
    certificate: () => ({ activationMs: 0, expiryMs: 1_800_000_000_000 }),
  });
}

test.for([
  'installer_outcome{outcome="running"} 1',
  'installer_outcome{outcome="failed"} 0',
  'installer_step_state{step="download-objects",state="done"} 1',
  'installer_step_state{step="download-objects",state="running"} 0',
  'installer_step_duration_seconds{step="download-objects"} 2.5',
  'installer_step_duration_seconds{step="unpack-image"} 20',
  'installer_bytes_total{step="download-objects"} 1000',
  'installer_bytes_expected{step="download-objects"} 2000',
  'installer_items_total{step="unpack-image",unit="inodes"} 12',
  "installer_stalled 1",
  "installer_stalled_seconds 20",
  "installer_reboot_held 0",
  "installer_shell_sessions 0",
  "installer_port_connections 3",
  "installer_port_accepted_connections_total 40",
  'installer_port_refused_connections_total{limit="total"} 2',
  'installer_port_protocol_connections_total{protocol="grpc"} 10',
  "installer_certificate_expiry_timestamp_seconds 1800000000",
  "process_cpu_seconds_total 1.75",
  "process_resident_memory_bytes 104857600",
  "process_open_fds 17",
  "process_start_time_seconds 1795207345",
  'installer_build_info{version="1.2 \\"x\\"\\\\\\n",runtime="Node v26"} 1',
])("%s", async (line) => {
  expect((await render()).split("\n")).toContain(line);
});

test("every line is a comment or a sample, and each family is explained once", async () => {
  const lines = (await render()).split("\n").filter((line) => line !== "");
  const sample =
    /^[a-z_]+(?:\{[a-z]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z]+="(?:[^"\\\n]|\\["\\n])*")*\})? [0-9.e+-]+$/;
  for (const line of lines)
    expect(line).toMatch(line.startsWith("#") ? /^# (?:HELP|TYPE) [a-z_]+ ./ : sample);
  const types = lines.filter((line) => line.startsWith("# TYPE"));
  expect(new Set(types).size).toBe(types.length);
});

test("two requests do not add up", async () => {
  await render();
  expect(await render()).toContain('installer_bytes_total{step="download-objects"} 1000\n');
});
