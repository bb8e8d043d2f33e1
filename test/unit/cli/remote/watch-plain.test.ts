import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { watchPlain } from "../../../../src/cli/remote/watch-plain.ts";
import { InstallerError } from "../../../../src/core/errors.ts";
import type { Event } from "../../../../src/rpc/generated/installer.js";
import { FakeClock } from "../../../support/fake-host.ts";
import {
  type FakeMachine,
  fakeMachine,
  LOST,
  logEvent,
  makeStatus,
  REFUSED,
  type ScriptedConnection,
  streamOf,
} from "./fake-machine.ts";

const ended = (sequence: number, outcome: 2 | 3): Event => ({
  sequence,
  at: 9,
  runEnded: { outcome, message: "" },
});

interface Watched {
  readonly outcome: number;
  readonly output: string;
  readonly waits: readonly string[];
}

async function watch(machine: FakeMachine, follow = false): Promise<Watched> {
  const stdout = new PassThrough();
  const output = text(stdout);
  const waits: string[] = [];
  const outcome = await watchPlain({
    machine,
    stdout,
    follow,
    clock: new FakeClock(),
    signal: new AbortController().signal,
    limitMs: Number.POSITIVE_INFINITY,
    onWait: (reason) => waits.push(reason),
  }).finally(() => stdout.end());
  return { outcome, output: await output, waits };
}

/** A connection that gives events, and notes from where on they were asked for. */
function connection(
  asked: (number | undefined)[],
  status: Parameters<typeof makeStatus>[0],
  events: readonly Event[],
  error?: Error,
): ScriptedConnection {
  return {
    getStatus: async () => makeStatus(status),
    watchEvents: ({ after }) => {
      asked.push(after);
      return streamOf(events, error);
    },
  };
}

describe("watchPlain", () => {
  it("prints log and progress as the console of the machine does, until the end", async () => {
    const progress = (sequence: number, at: number, done: number): Event => ({
      sequence,
      at,
      stepProgress: { id: "get", done, total: 200, unit: "objects", note: "" },
    });
    const events: readonly Event[] = [
      { sequence: 1, at: 0, stepStarted: { id: "get", title: "Download", destructive: false } },
      logEvent(2, "downloading"),
      progress(3, 1000, 20),
      progress(4, 6000, 120),
      { sequence: 5, at: 7000, stepEnded: { id: "get", durationMs: 7000 } },
      ended(6, 2),
      logEvent(7, "never read"),
    ];
    const machine = fakeMachine(connection([], {}, events));
    const { outcome, output } = await watch(machine);
    expect(outcome).toBe(2);
    expect(output).toBe("[  0.002] downloading\n[  6.000] Download: 120 of 200 objects (60 %), 4s left\n");
    expect(machine.closed()).toBe(1);
  });

  it("tells a failed installation from a good one", async () => {
    const { outcome } = await watch(fakeMachine(connection([], {}, [ended(1, 3)])));
    expect(outcome).toBe(3);
  });

  it("waits for the machine, and goes on where it stood when the connection is lost", async () => {
    const asked: (number | undefined)[] = [];
    const machine = fakeMachine(
      REFUSED,
      REFUSED,
      connection(asked, { at: 100, sequence: 2 }, [logEvent(1, "one"), logEvent(2, "two")], LOST),
      REFUSED,
      connection(asked, { at: 200, sequence: 4 }, [logEvent(3, "three"), ended(4, 2)]),
    );
    const { output, waits } = await watch(machine);
    expect(output).toBe("[  0.001] one\n[  0.002] two\n[  0.003] three\n");
    expect(asked).toEqual([0, 2]);
    expect(waits).toEqual([REFUSED.message, LOST.message, REFUSED.message]);
    expect(machine.closed()).toBe(2);
  });

  it("starts over when the installer has started anew", async () => {
    const asked: (number | undefined)[] = [];
    const machine = fakeMachine(
      connection(asked, { at: 60_000, sequence: 50 }, [logEvent(50, "old")], LOST),
      connection(asked, { at: 10, sequence: 1, startedUnixMs: 1_700_000_060_000 }, [
        logEvent(1, "new"),
        ended(2, 2),
      ]),
    );
    const { output } = await watch(machine);
    expect(output).toBe("[  0.050] old\n(the installer has started anew)\n[  0.001] new\n");
    expect(asked).toEqual([0, 0]);
  });

  it("takes the end of the stream for a lost connection, not for the end of the installation", async () => {
    const machine = fakeMachine(
      connection([], { at: 1, sequence: 1 }, []),
      connection([], { at: 2, sequence: 2 }, [ended(2, 2)]),
    );
    const { waits } = await watch(machine);
    expect(waits).toEqual([expect.stringContaining("the connection was lost")]);
  });

  it("goes on after the end when told to", async () => {
    const denied = new InstallerError("E_SRPC_ACCESS_DENIED", "watching");
    const machine = fakeMachine(connection([], {}, [ended(1, 2), logEvent(2, "restarting")], denied));
    await expect(watch(machine, true)).rejects.toBe(denied);
  });

  it("says how much it has missed", async () => {
    const lost: Event = { sequence: 0, at: 0, eventsLost: { count: 17 } };
    const { output } = await watch(fakeMachine(connection([], {}, [lost, ended(20, 2)])));
    expect(output).toBe("(17 older events are no longer known)\n");
  });

  it("lets nothing from the machine act on the terminal", async () => {
    const { output } = await watch(
      fakeMachine(connection([], {}, [logEvent(1, "a\u001b[2Jb"), ended(2, 2)])),
    );
    expect(output).toBe("[  0.001] a\\x1b[2Jb\n");
  });
});
