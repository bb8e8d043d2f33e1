import type { InterfaceFacts, MachineFacts } from "./facts.ts";
import type { RunStatus, Stall } from "./status.ts";

/** An open remote shell, as views show it. */
export interface SessionFacts {
  readonly device: string;
  /** Empty: unknown. */
  readonly userName: string;
  readonly peer: string;
  readonly protocol: string;
  readonly startedAt: number;
}

/** Memory and processor time of this process. */
export interface ProcessFacts {
  readonly memoryBytes: number;
  readonly cpuUserSeconds: number;
  readonly cpuSystemSeconds: number;
}

/**
 * The machine at one moment: what the status page, /api/status and gRPC show. Times are milliseconds since the process
 * started unless they say otherwise.
 */
export interface Snapshot {
  readonly hostname: string;
  readonly version: string;
  readonly runtime: string;
  /** Milliseconds since 1970, by the clock of the machine as it is now. */
  readonly startedUnixMs: number;
  readonly at: number;
  readonly status: RunStatus;
  /** The newest event that `status` takes into account. */
  readonly sequence: number;
  readonly stall?: Stall;
  readonly interfaces: readonly InterfaceFacts[];
  readonly sessions: readonly SessionFacts[];
  readonly machine: MachineFacts;
  readonly process: ProcessFacts;
}
