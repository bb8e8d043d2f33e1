import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import type { InputTerminal } from "../../../../src/cli/remote/local-terminal.ts";
import type { Screen } from "../../../../src/cli/remote/screen.ts";
import { watchLive } from "../../../../src/cli/remote/watch-live.ts";
import { InstallerError } from "../../../../src/core/errors.ts";
import type { Status } from "../../../../src/rpc/generated/installer.js";
import { FakeClock } from "../../../support/fake-host.ts";
import {
  type FakeMachine,
  fakeMachine,
  LOST,
  makeEntry,
  makeStatus,
  openStreamOf,
  REFUSED,
  type ScriptedConnection,
} from "./fake-machine.ts";

interface Bench {
  readonly clock: FakeClock;
  readonly stdin: PassThrough;
  readonly frames: string[];
  readonly modes: string[];
  readonly interruption: AbortController;
  watch(machine: FakeMachine, follow?: boolean): Promise<Status | undefined>;
  /** Lets time pass until `isReached`. */
  passUntil(isReached: () => boolean): Promise<void>;
}

function createBench(): Bench {
  const clock = new FakeClock({ manual: true });
  const stdin = new PassThrough();
  const frames: string[] = [];
  const modes: string[] = [];
  const interruption = new AbortController();
  const screen: Screen = {
    size: () => ({ columns: 80, rows: 12 }),
    draw: (lines) => void frames.push(lines.map(({ text }) => text.trimEnd()).join("\n")),
    [Symbol.dispose]: () => undefined,
  };
  const input: InputTerminal = {
    enterRawMode: () => {
      modes.push("raw");
      return { [Symbol.dispose]: () => void modes.push("cooked") };
    },
  };
  return {
    clock,
    stdin,
    frames,
    modes,
    interruption,
    watch: async (machine, follow = false) =>
      watchLive({
        machine,
        clock,
        stdin,
        input,
        screen,
        follow,
        signal: interruption.signal,
        limitMs: Number.POSITIVE_INFINITY,
      }),
    passUntil: async (isReached) => {
      for (let turn = 0; turn < 10_000 && !isReached(); turn++) {
        clock.advance(50);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(isReached()).toBe(true);
    },
  };
}

/** A connection whose successive statuses are given; the last one stays. */
function connection(...statuses: readonly (Status | Error)[]): ScriptedConnection {
  let index = 0;
  return {
    getStatus: async () => {
      const next = statuses[Math.min(index++, statuses.length - 1)];
      if (next instanceof Error) throw next;
      return next ?? makeStatus();
    },
    streamLogs: (_request, signal) => openStreamOf([makeEntry(1, "hello")], signal),
  };
}

describe("watchLive", () => {
  it("shows status and log until the installation is over", async () => {
    const bench = createBench();
    const machine = fakeMachine(
      connection(makeStatus({ at: 1000 }), makeStatus({ at: 2000 }), makeStatus({ at: 3000, outcome: 2 })),
    );
    let status: Status | undefined;
    const running = bench.watch(machine).then((found) => (status = found));
    await bench.passUntil(() => status !== undefined);
    await running;
    expect(status?.outcome).toBe(2);
    expect(bench.frames.some((frame) => /installing for 2.*hello/s.test(frame))).toBe(true);
    expect(bench.modes).toEqual(["raw", "cooked"]);
    expect(machine.closed()).toBe(1);
  });

  it("waits for a machine that boots and comes back after a lost connection, and says so", async () => {
    const bench = createBench();
    // Several attempts: one that is over before the next frame need not be seen.
    const refusals = Array.from({ length: 6 }, () => REFUSED);
    const machine = fakeMachine(
      ...refusals,
      connection(makeStatus({ at: 1000 }), LOST),
      ...refusals,
      connection(makeStatus({ at: 9000, outcome: 3 })),
    );
    const running = bench.watch(machine);
    let isOver = false;
    void running.then(() => (isOver = true));
    await bench.passUntil(() => isOver);
    expect((await running)?.outcome).toBe(3);
    const texts = bench.frames.join("\n");
    expect(texts).toContain("host7:6978: waiting for the machine\nno connection: connecting to host7:6978");
    expect(texts).toMatch(/host7 \(host7:6978\): installing for \S+\nno connection: /);
  });

  it("leaves at q with the last status, and gives the keys back", async () => {
    const bench = createBench();
    const running = bench.watch(fakeMachine(connection(makeStatus({ at: 1000 }))), true);
    await bench.passUntil(() => bench.frames.some((frame) => frame.includes("installing for")));
    bench.stdin.write("q");
    expect(await running).toMatchObject({ outcome: 1 });
    expect(bench.modes).toEqual(["raw", "cooked"]);
    expect(bench.stdin.listenerCount("data")).toBe(0);
    expect(bench.stdin.isPaused()).toBe(true);
  });

  it("is interrupted by Ctrl-C, also while it waits for the machine", async () => {
    const bench = createBench();
    const refusals = Array.from({ length: 10_000 }, () => REFUSED);
    const running = bench.watch(fakeMachine(...refusals));
    const outcome = expect(running).rejects.toMatchObject({ code: "E_CANCELLED" });
    await bench.passUntil(() => bench.frames.some((frame) => frame.includes("no connection")));
    bench.stdin.write("\u0003");
    await outcome;
    expect(bench.modes).toEqual(["raw", "cooked"]);
  });

  it("gives the keys back when it is interrupted by a signal, and when access is denied", async () => {
    const bench = createBench();
    const running = bench.watch(fakeMachine(connection(makeStatus())));
    const interrupted = new InstallerError("E_CANCELLED", "interrupted by SIGTERM");
    bench.interruption.abort(interrupted);
    await expect(running).rejects.toBe(interrupted);
    expect(bench.modes).toEqual(["raw", "cooked"]);
    const denied = new InstallerError("E_SRPC_ACCESS_DENIED", "asking");
    const other = createBench();
    await expect(other.watch(fakeMachine(connection(denied)))).rejects.toBe(denied);
    expect(other.modes).toEqual(["raw", "cooked"]);
  });

  it("goes on after the end when told to", async () => {
    const bench = createBench();
    const running = bench.watch(fakeMachine(connection(makeStatus({ outcome: 2, at: 5000 }))), true);
    await bench.passUntil(() => bench.clock.monotonicMs() > 5000);
    bench.stdin.write("q");
    expect(await running).toMatchObject({ outcome: 2 });
    expect(bench.frames.at(-1)).toContain("installed in");
  });
});
