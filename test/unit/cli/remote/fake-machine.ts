import type { Machine } from "../../../../src/cli/remote/machine.ts";
import { InstallerError } from "../../../../src/core/errors.ts";
import type { Event, LogEntry, Status, Step } from "../../../../src/rpc/generated/installer.js";
import type { InstallerClient } from "../../../../src/rpc/grpc/client.ts";

/** A status with nothing in it, but for what is given. */
export function makeStatus(given: Partial<Status> = {}): Status {
  return {
    hostname: "host7",
    version: "1.2.3",
    startedUnixMs: 1_700_000_000_000,
    at: 0,
    outcome: 1,
    message: "",
    steps: [],
    drives: [],
    interfaces: [],
    sessions: [],
    notices: [],
    sequence: 0,
    ...given,
  };
}

export function makeStep(given: Partial<Step> = {}): Step {
  return {
    id: "step",
    title: "Step",
    state: 1,
    destructive: false,
    startedAt: 0,
    unit: "",
    note: "",
    waitingFor: "",
    ...given,
  };
}

export function makeEntry(sequence: number, message: string, given: Partial<LogEntry> = {}): LogEntry {
  const line = `[  0.${String(sequence).padStart(3, "0")}] ${message}`;
  return { sequence, at: sequence, level: 2, message, fields: {}, stepId: "", line, ...given };
}

export function logEvent(sequence: number, message: string): Event {
  return { sequence, at: sequence, log: makeEntry(sequence, message) };
}

/** What one connection does; what is not given fails the test. */
export type ScriptedConnection = Partial<Omit<InstallerClient, "close">>;

export interface FakeMachine extends Machine {
  /** Time allowed for each attempt. */
  readonly attempts: readonly number[];
  /** Connections that were closed. */
  readonly closed: () => number;
}

export const REFUSED = new InstallerError(
  "E_CONNECTION_REFUSED",
  "connecting to host7:6978: connection refused",
);
export const LOST = new InstallerError(
  "E_CONNECTION_LOST",
  "reading from host7:6978: the connection was lost",
);

/** A machine whose successive connections go as scripted; an error is an attempt that fails. */
export function fakeMachine(...script: readonly (ScriptedConnection | InstallerError)[]): FakeMachine {
  const attempts: number[] = [];
  let closed = 0;
  const unexpected = (): never => {
    throw new Error("the test does not expect this call");
  };
  return {
    address: "host7:6978",
    attempts,
    closed: () => closed,
    connect: async (timeoutMs) => {
      const next = script[attempts.length] ?? unexpected();
      attempts.push(timeoutMs);
      if (next instanceof InstallerError) throw next;
      const close = (): void => void (closed += 1);
      return {
        isSecure: true,
        getStatus: unexpected,
        watchEvents: unexpected,
        streamLogs: unexpected,
        openShell: unexpected,
        control: unexpected,
        diagnose: unexpected,
        ...next,
        close,
        [Symbol.dispose]: close,
      };
    },
  };
}

/** A stream that gives `items`, then fails with `error` or ends. */
export async function* streamOf<T>(items: readonly T[], error?: Error): AsyncGenerator<T, void> {
  yield* items;
  if (error !== undefined) throw error;
}

/** A stream that gives `items` and then nothing until `signal` aborts. */
export async function* openStreamOf<T>(items: readonly T[], signal: AbortSignal): AsyncGenerator<T, void> {
  const aborted = new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", resolve, { once: true });
  });
  yield* items;
  await aborted;
  signal.throwIfAborted();
}
