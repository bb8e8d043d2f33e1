import { describe, expect, test } from "vitest";
import { EventHistory, type FollowOptions, type HistoryItem } from "../../../src/engine/event-history.ts";
import { LogLevel } from "../../../src/rpc/generated/installer.js";
import { createRecordingLogger } from "../../support/recording-logger.ts";
import { eventually, startInstallerPort } from "./installer-port.ts";
import { codeOf, makeParties, signal } from "./srpc-server.ts";

const parties = makeParties();
const { credentials } = parties;
const granted = parties.issue(["Installer.*"]);

/** A history that counts what was read of it. */
class CountingHistory extends EventHistory {
  read = 0;

  override async *follow(options: FollowOptions): AsyncGenerator<HistoryItem, void, undefined> {
    for await (const item of super.follow(options)) {
      this.read += 1;
      yield item;
    }
  }
}

describe("watching events", () => {
  test("a watcher that comes back with its last number gets every event once", async () => {
    await using port = await startInstallerPort({ credentials });
    const total = 600;
    const publishing = (async () => {
      for (let number = 1; number <= total; number += 1) {
        port.say(`entry ${number}`);
        if (number % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const seen: number[] = [];
    const messages: string[] = [];
    while (seen.length < total) {
      using client = await port.connect();
      const goal = seen.length + 97;
      for await (const event of client.watchEvents({ after: seen.at(-1) ?? 0 }, signal)) {
        seen.push(event.sequence);
        messages.push(event.log?.message ?? "");
        if (seen.length >= goal || seen.length === total) break;
      }
    }
    await publishing;
    expect(seen).toEqual(Array.from({ length: total }, (_, index) => index + 1));
    expect(messages).toEqual(seen.map((number) => `entry ${number}`));
  });

  test("a watcher that does not read delays no publisher, costs no memory, and learns what it missed", async () => {
    const history = new CountingHistory();
    await using port = await startInstallerPort({ credentials, history });
    using client = await port.connect();
    const events = client.watchEvents({}, signal)[Symbol.asyncIterator]();
    port.say("the first");
    expect((await events.next()).value?.log?.message).toBe("the first");
    const published = 60_000;
    const filler = "x".repeat(1000);
    for (let number = 1; number <= published; number += 1) {
      port.say(`${filler} ${number}`);
      if (number % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    // What fits into the windows and buffers on the way; 60 MB were published.
    await eventually(() => history.read > 0);
    expect(history.read).toBeLessThan(1500);
    let lost = 0;
    let received = 0;
    for (let last = ""; !last.endsWith(` ${published}`); ) {
      const event = (await events.next()).value;
      if (event?.eventsLost !== undefined) lost += event.eventsLost.count;
      else received += 1;
      last = event?.log?.message ?? "";
    }
    expect(lost).toBeGreaterThan(published / 2);
    expect(received + lost).toBe(published);
    await events.return?.();
  });

  test("a watcher that takes nothing for too long is cut off", async () => {
    const history = new CountingHistory();
    const log = createRecordingLogger();
    await using port = await startInstallerPort({ credentials, history, log, stallTimeoutMs: 300 });
    using client = await port.connect();
    const events = client.watchEvents({}, signal)[Symbol.asyncIterator]();
    port.say("the first");
    await events.next();
    for (let number = 1; number <= 3000; number += 1) port.say("x".repeat(1000));
    await eventually(() => port.server.statistics().connections === 0);
    await eventually(() => port.server.statistics().runningHandlers === 0);
    expect(log.messages).toContain("a client takes nothing of what was sent to it: cut off");
    await expect(
      (async () => {
        for (;;) await events.next();
      })(),
    ).rejects.toMatchObject({ code: "E_CONNECTION_LOST" });
  });

  test("without following the stream ends with what is known", async () => {
    await using port = await startInstallerPort({ credentials });
    port.say("one");
    port.say("two");
    using client = await port.connect();
    const seen = [];
    for await (const event of client.watchEvents({ follow: false }, signal)) seen.push(event.log?.message);
    expect(seen).toEqual(["one", "two"]);
  });

  test("a number of an earlier run that is larger than any of this one begins anew", async () => {
    await using port = await startInstallerPort({ credentials });
    port.say("one");
    using client = await port.connect();
    const seen = [];
    for await (const event of client.watchEvents({ after: 5000, follow: false }, signal))
      seen.push(event.sequence);
    expect(seen).toEqual([1]);
  });

  test("the status says from which event on to watch", async () => {
    await using port = await startInstallerPort({ credentials });
    port.events.publish({ kind: "step-started", at: 5, id: "plan", title: "Plan", destructive: false });
    using client = await port.connect();
    const { sequence, steps } = await client.getStatus(signal);
    port.events.publish({ kind: "step-ended", at: 9.4, id: "plan", durationMs: 4.4 });
    expect(steps).toMatchObject([{ id: "plan", state: 1, startedAt: 5 }]);
    const seen = [];
    for await (const event of client.watchEvents({ after: sequence, follow: false }, signal))
      seen.push(event);
    expect(seen).toEqual([{ sequence: 2, at: 9, stepEnded: { id: "plan", durationMs: 4 } }]);
  });

  test("watchers learn that the installer ends", async () => {
    const port = await startInstallerPort({ credentials });
    using client = await port.connect();
    const events = client.watchEvents({}, signal)[Symbol.asyncIterator]();
    port.say("the first");
    await events.next();
    const end = codeOf(Promise.resolve(events.next()));
    await port[Symbol.asyncDispose]();
    expect(await end).toBe("E_CONNECTION_LOST");
    expect(port.server.statistics()).toEqual({ connections: 0, openCalls: 0, runningHandlers: 0 });
  });
});

describe("the log", () => {
  async function read(
    options: { follow?: boolean; minimumLevel?: LogLevel; last?: number; after?: number },
    stopAt?: string,
  ): Promise<readonly string[]> {
    await using port = await startInstallerPort({ credentials });
    port.say("an error", "error");
    port.say("detail", "debug");
    port.say("a warning", "warn");
    port.events.publish({ kind: "step-started", at: 5, id: "plan", title: "Plan", destructive: false });
    port.say("news", "info");
    using client = await port.connect();
    const seen: string[] = [];
    for await (const entry of client.streamLogs(options, signal)) {
      seen.push(entry.message);
      if (entry.message === "news" && options.follow === true) port.say("later", "warn");
      if (entry.message === stopAt) break;
    }
    return seen;
  }

  test("comes whole and ends", async () => {
    expect(await read({})).toEqual(["an error", "detail", "a warning", "news"]);
  });

  test("comes from a level on", async () => {
    expect(await read({ minimumLevel: LogLevel.LOG_LEVEL_WARN })).toEqual(["an error", "a warning"]);
  });

  test("comes with its last entries of that level only", async () => {
    expect(await read({ last: 2 })).toEqual(["a warning", "news"]);
    expect(await read({ last: 1, minimumLevel: LogLevel.LOG_LEVEL_WARN })).toEqual(["a warning"]);
    expect(await read({ last: 9 })).toHaveLength(4);
  });

  test("comes after a number", async () => {
    expect(await read({ after: 3 })).toEqual(["news"]);
  });

  test("is followed", async () => {
    expect(await read({ last: 1, follow: true }, "later")).toEqual(["news", "later"]);
  });

  test("has each entry as its file has it", async () => {
    await using port = await startInstallerPort({ credentials });
    const fields = { path: "/etc", size: 5, list: [1] };
    port.events.publish({ kind: "log", at: 3224.4, level: "info", message: "m", fields, stepId: "plan" });
    using client = await port.connect();
    const entries = [];
    for await (const entry of client.streamLogs({}, signal)) entries.push(entry);
    expect(entries).toEqual([
      {
        sequence: 1,
        at: 3224,
        level: LogLevel.LOG_LEVEL_INFO,
        message: "m",
        fields: { path: "/etc", size: "5", list: "[1]" },
        stepId: "plan",
        line: "[  3.224] m path=/etc size=5 list=[1]",
      },
    ]);
  });
});

describe("diagnostics", () => {
  async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for await (const piece of pieces) parts.push(piece);
    return Buffer.concat(parts);
  }

  test("arrive unchanged, whatever the size of their pieces", async () => {
    const archive = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7919) % 251));
    await using port = await startInstallerPort({
      credentials,
      diagnose: async function* () {
        yield archive.subarray(0, 1);
        yield archive.subarray(1, 2_500_000);
        yield archive.subarray(2_500_000);
      },
    });
    using client = await port.connect(granted);
    expect((await collect(client.diagnose(signal))).equals(archive)).toBe(true);
  });

  test("that fail tell the client nothing of the inside, and the log everything", async () => {
    const log = createRecordingLogger();
    await using port = await startInstallerPort({
      credentials,
      log,
      diagnose: async function* () {
        yield Buffer.from("begin");
        throw new Error("/root/secret is not readable");
      },
    });
    using client = await port.connect(granted);
    const failure = await collect(client.diagnose(signal)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "E_SRPC_CALL_FAILED" });
    expect(String(failure)).toContain("internal error");
    expect(String(failure)).not.toContain("secret");
    expect(log.messages).toContain("the call /installer.v1.Installer/Diagnose failed");
  });

  test("are collected for two at a time", async () => {
    await using port = await startInstallerPort({
      credentials,
      diagnose: async function* (stop) {
        yield Buffer.from("begin");
        await new Promise<void>((resolve) => {
          stop.addEventListener("abort", () => resolve(), { once: true });
        });
      },
    });
    using client = await port.connect(granted);
    const first = client.diagnose(signal)[Symbol.asyncIterator]();
    const second = client.diagnose(signal)[Symbol.asyncIterator]();
    await Promise.all([first.next(), second.next()]);
    expect(await codeOf(collect(client.diagnose(signal)))).toBe("E_SRPC_CALL_FAILED");
    await first.return?.();
    await eventually(() => port.server.statistics().runningHandlers === 1);
    const third = client.diagnose(signal)[Symbol.asyncIterator]();
    expect(String((await third.next()).value)).toBe("begin");
    await Promise.all([second.return?.(), third.return?.()]);
  });
});
