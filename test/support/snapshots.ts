import { UNKNOWN_MACHINE } from "../../src/engine/machine/read-machine-facts.ts";
import type { Snapshot } from "../../src/engine/snapshot.ts";
import { INITIAL_STATUS } from "../../src/engine/status.ts";

/** A machine about which little is known; `changes` say more. */
export function makeSnapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    hostname: "rack7-node3",
    version: "1.2.3",
    runtime: "Node v26",
    startedUnixMs: Date.UTC(2026, 10, 20, 20, 42, 25),
    at: 7_500,
    status: INITIAL_STATUS,
    sequence: 0,
    interfaces: [],
    sessions: [],
    machine: UNKNOWN_MACHINE,
    process: { memoryBytes: 0, cpuUserSeconds: 0, cpuSystemSeconds: 0 },
    ...changes,
  };
}
