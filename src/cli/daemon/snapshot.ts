import { buildInformation } from "../../core/build-information.ts";
import type { InterfaceFacts, MachineFacts } from "../../engine/facts.ts";
import { FactsKeeper } from "../../engine/machine/facts-keeper.ts";
import { readInterfaceFacts } from "../../engine/machine/read-interface-facts.ts";
import { readMachineFacts, UNKNOWN_MACHINE } from "../../engine/machine/read-machine-facts.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { findStall } from "../../engine/status.ts";
import type { ShellHost } from "../../rpc/shell/shell-host.ts";
import type { Host } from "../../system/host.ts";
import type { Flags } from "../flags/installer-flags.ts";
import type { Observation } from "./observation.ts";

interface SnapshotOptions {
  readonly host: Pick<Host, "clock" | "files" | "interfaces">;
  readonly flags: Pick<Flags, "sysfsDirectory" | "procDirectory">;
  readonly observation: Pick<Observation, "status" | "history">;
  readonly shells: Pick<ShellHost, "list">;
  readonly hostname: () => string;
}

/** Makes the function that says how the machine is now; it never waits for anything. */
export function createSnapshotSource(options: SnapshotOptions): () => Snapshot {
  const { host, flags, observation, shells, hostname } = options;
  const roots = { sysfs: flags.sysfsDirectory, proc: flags.procDirectory };
  const { clock } = host;
  const machine = new FactsKeeper<MachineFacts>({
    read: async () => readMachineFacts(host.files, roots),
    initial: UNKNOWN_MACHINE,
    clock,
  });
  const interfaces = new FactsKeeper<readonly InterfaceFacts[]>({
    read: async () => readInterfaceFacts(host.interfaces, host.files, roots.sysfs),
    initial: [],
    clock,
    // A cable that is pulled shows within a second.
    maximumAgeMs: 1_000,
  });
  // So that the first page has something to show.
  machine.current();
  interfaces.current();
  return () => {
    const at = clock.monotonicMs();
    const status = observation.status();
    const stall = findStall(status, at);
    const cpu = process.cpuUsage();
    return {
      hostname: hostname(),
      version: buildInformation()?.version ?? "unknown",
      runtime: `Node ${process.version}`,
      startedUnixMs: Math.round(clock.nowMs() - at),
      at,
      status,
      sequence: observation.history.sequence,
      ...(stall === undefined ? {} : { stall }),
      interfaces: interfaces.current(),
      sessions: shells.list(),
      machine: machine.current(),
      process: {
        memoryBytes: process.memoryUsage.rss(),
        cpuUserSeconds: cpu.user / 1e6,
        cpuSystemSeconds: cpu.system / 1e6,
      },
    };
  };
}
