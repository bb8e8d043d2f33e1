import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { followLogs, type LogOptions, printLogs } from "../../../../src/cli/remote/follow-logs.ts";
import { InstallerError } from "../../../../src/core/errors.ts";
import { LogLevel } from "../../../../src/rpc/generated/installer.js";
import type { InstallerClient } from "../../../../src/rpc/grpc/client.ts";
import { FakeClock } from "../../../support/fake-host.ts";
import {
  type FakeMachine,
  fakeMachine,
  LOST,
  makeEntry,
  makeStatus,
  type ScriptedConnection,
  streamOf,
} from "./fake-machine.ts";

type LogRequest = Parameters<InstallerClient["streamLogs"]>[0];

const STOP = new InstallerError("E_CANCELLED", "interrupted");

function connection(
  asked: LogRequest[],
  sequences: readonly number[],
  error?: Error,
  status: Parameters<typeof makeStatus>[0] = {},
): ScriptedConnection {
  return {
    getStatus: async () => makeStatus(status),
    streamLogs: (request) => {
      asked.push(request);
      return streamOf(
        sequences.map((sequence) => makeEntry(sequence, `entry ${sequence}`)),
        error,
      );
    },
  };
}

async function read(
  run: (options: LogOptions) => Promise<void>,
  machine: FakeMachine,
  limitMs: number,
): Promise<string> {
  const stdout = new PassThrough();
  const output = text(stdout);
  const options = {
    machine,
    stdout,
    limitMs,
    minimumLevel: LogLevel.LOG_LEVEL_INFO,
    last: 10,
    clock: new FakeClock(),
    signal: new AbortController().signal,
    onWait: () => undefined,
  };
  await run(options)
    .catch((error: unknown) => {
      if (error !== STOP) throw error;
    })
    .finally(() => stdout.end());
  return output;
}

describe("printLogs", () => {
  it("prints what there is and ends", async () => {
    const asked: LogRequest[] = [];
    const output = await read(printLogs, fakeMachine(connection(asked, [1, 2])), 0);
    expect(output).toBe("[  0.001] entry 1\n[  0.002] entry 2\n");
    expect(asked).toEqual([{ minimumLevel: 2, last: 10, after: 0 }]);
  });

  it("asks for the rest when the connection is lost in the middle", async () => {
    const asked: LogRequest[] = [];
    const machine = fakeMachine(connection(asked, [1, 2], LOST), connection(asked, [3]));
    expect(await read(printLogs, machine, 10_000)).toBe(
      "[  0.001] entry 1\n[  0.002] entry 2\n[  0.003] entry 3\n",
    );
    expect(asked[1]).toEqual({ minimumLevel: 2, last: 0, after: 2 });
  });
});

describe("followLogs", () => {
  it("goes on where it stood, and starts over with a new run", async () => {
    const asked: LogRequest[] = [];
    const machine = fakeMachine(
      connection(asked, [7, 9], LOST, { at: 60_000, sequence: 9 }),
      connection(asked, [12], undefined, { at: 60_050, sequence: 12 }),
      connection(asked, [1], STOP, { at: 5, sequence: 1, startedUnixMs: 1_700_000_090_000 }),
    );
    const output = await read(followLogs, machine, Number.POSITIVE_INFINITY);
    expect(output.split("\n")).toEqual([
      "[  0.007] entry 7",
      "[  0.009] entry 9",
      "[  0.012] entry 12",
      "(the installer has started anew)",
      "[  0.001] entry 1",
      "",
    ]);
    expect(asked.map(({ last, after, follow }) => [last, after, follow])).toEqual([
      [10, 0, true],
      [0, 9, true],
      [0, 0, true],
    ]);
  });
});
