import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PageFrame } from "../../../../src/rpc/http/page/page-frame.ts";
import { startPageServer } from "../../../support/page-server.ts";
import { ScriptedRun } from "../../../support/scripted-run.ts";
import { EventSourceClient } from "../../../support/server-sent-events.ts";

const TICK_MS = 500;

beforeEach(() => {
  // Only ticks and patience: sockets go on as ever.
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const tick = (): unknown => vi.advanceTimersByTime(TICK_MS);

async function nextFrame(client: EventSourceClient): Promise<PageFrame> {
  const event = await client.next();
  expect(event?.event).toBe("page");
  return event?.data as PageFrame;
}

/** A watcher that sends its request and then reads nothing. */
async function openDeafWatcher(port: number, path: string): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1" });
  socket.pause();
  await once(socket, "connect");
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  return socket;
}

/** More in each tick than sockets buffer altogether in a few. */
function logMuch(run: ScriptedRun): void {
  for (let index = 0; index < 130; index += 1) run.log("x".repeat(3_900));
}

describe("LiveFeeds.servePage", () => {
  it("sends the whole at once, and then what changed", async () => {
    const run = new ScriptedRun().log("one").log("two");
    await using server = await startPageServer({ source: run });
    using client = await EventSourceClient.open(`${server.url}api/page?after=1`);
    expect(client.response.headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
    });
    const first = await nextFrame(client);
    expect(Object.keys(first.sections)).toContain("steps");
    expect(first.log).toContain("two");
    expect(first.log).not.toContain("one");
    tick();
    // Nothing is compared with what was sent between two ticks.
    expect((await nextFrame(client)).log).toBe("");
    run.pass(1_000).start("x", "Do it").log("three");
    tick();
    const changes = await nextFrame(client);
    expect(Object.keys(changes.sections).toSorted()).toEqual(["about", "steps", "summary"]);
    expect(changes.log).toContain("three");
    expect(changes.log).not.toContain("two");
    expect(changes.run).toBe(first.run);
  });

  it("sends the age of the status with every frame while nothing else happens", async () => {
    const run = new ScriptedRun().start("x", "Wait");
    await using server = await startPageServer({ source: run });
    using client = await EventSourceClient.open(`${server.url}api/page`);
    await nextFrame(client);
    for (let second = 1; second < 20; second += 1) {
      run.pass(1_000);
      tick();
      const { sections, state } = await nextFrame(client);
      expect(sections.about).toContain(`Uptime: ${second}s`);
      expect(state).toBe(second < 15 ? "running" : "stalled");
    }
  });

  it("does nothing while nobody watches", async () => {
    const run = new ScriptedRun();
    await using server = await startPageServer({ source: run });
    const client = await EventSourceClient.open(`${server.url}api/page`);
    tick();
    expect(run.snapshots).toBe(2);
    client[Symbol.dispose]();
    await vi.waitFor(() => expect(server.live.connections).toBe(0));
    vi.advanceTimersByTime(100 * TICK_MS);
    expect(run.snapshots).toBe(2);
  });

  it("renders once for 50 watchers, who all get everything", async () => {
    const run = new ScriptedRun();
    await using server = await startPageServer({ source: run });
    const clients = await Promise.all(
      Array.from({ length: 50 }, async () => EventSourceClient.open(`${server.url}api/page`)),
    );
    expect(server.live.connections).toBe(50);
    for (let count = 1; count <= 3; count += 1) {
      const before = run.snapshots;
      run.pass(TICK_MS).log(`entry ${count}`);
      tick();
      expect(run.snapshots - before).toBe(1);
    }
    for (const client of clients) {
      const frames = [
        await nextFrame(client),
        await nextFrame(client),
        await nextFrame(client),
        await nextFrame(client),
      ];
      expect(frames.map(({ log }) => /entry \d/.exec(log)?.[0])).toEqual([
        undefined,
        "entry 1",
        "entry 2",
        "entry 3",
      ]);
      client[Symbol.dispose]();
    }
  });

  it("queues nothing for a watcher that does not read, who gets the whole when it reads again", async () => {
    const run = new ScriptedRun();
    await using server = await startPageServer({ source: run });
    const socket = await openDeafWatcher(server.port, "/api/page");
    using other = await EventSourceClient.open(`${server.url}api/page`);
    await vi.waitFor(() => expect(server.live.connections).toBe(2));
    await nextFrame(other);
    // Until its socket is full it is sent everything.
    let sent = 0;
    for (let count = 0; count < 40; count += 1) {
      logMuch(run);
      tick();
      sent += (await nextFrame(other)).log.length;
    }
    expect(sent).toBeGreaterThan(15e6);
    run.log("the last");
    tick();
    socket.resume();
    let received = 0;
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      received += chunk.length;
      text = (text + chunk.toString("latin1")).slice(-4_000_000);
    });
    await vi.waitFor(() => {
      tick();
      expect(text).toContain("the last");
    });
    expect(received).toBeLessThan(sent * 0.75);
    expect(text).toContain("entries are missing here");
    socket.destroy();
  });

  it("cuts off a watcher that takes nothing for a minute", async () => {
    const run = new ScriptedRun();
    await using server = await startPageServer({ source: run });
    const socket = await openDeafWatcher(server.port, "/api/page");
    using other = await EventSourceClient.open(`${server.url}api/page`);
    await vi.waitFor(() => expect(server.live.connections).toBe(2));
    await nextFrame(other);
    for (let count = 0; count < 40; count += 1) {
      logMuch(run);
      tick();
      await nextFrame(other);
    }
    for (let passedMs = 0; passedMs <= 60_000; passedMs += TICK_MS) {
      tick();
      await nextFrame(other);
    }
    await vi.waitFor(() => expect(server.live.connections).toBe(1));
    tick();
    expect((await nextFrame(other)).state).toBe("running");
    socket.destroy();
  });

  it("refuses more than its number of connections and takes new ones when old ones leave", async () => {
    await using server = await startPageServer({ source: new ScriptedRun(), maxConnections: 2 });
    const first = await EventSourceClient.open(`${server.url}api/page`);
    using _second = await EventSourceClient.open(`${server.url}api/events`);
    using refused = await EventSourceClient.open(`${server.url}api/page`);
    expect(refused.response.statusCode).toBe(503);
    expect(refused.response.headers["retry-after"]).toBe("10");
    first[Symbol.dispose]();
    await vi.waitFor(() => expect(server.live.connections).toBe(1));
    using third = await EventSourceClient.open(`${server.url}api/page`);
    expect(third.response.statusCode).toBe(200);
  });

  it.each(["after=99", "after=x", "after=-1", "after=", "after=1e9", ""])(
    "sends the whole log to a watcher that knows another run: %s",
    async (query) => {
      const run = new ScriptedRun().log("one").log("two");
      await using server = await startPageServer({ source: run });
      using client = await EventSourceClient.open(`${server.url}api/page?${query}`);
      const { log, after } = await nextFrame(client);
      expect(log).toContain("one");
      expect(after).toBe(2);
    },
  );

  it("lets the watchers go when the page cannot be rendered, and goes on", async () => {
    const run = new ScriptedRun();
    await using server = await startPageServer({ source: run });
    using client = await EventSourceClient.open(`${server.url}api/page`);
    await nextFrame(client);
    const broken = vi.spyOn(run, "snapshot").mockImplementation(() => {
      throw new Error("no snapshot");
    });
    tick();
    expect(await client.next()).toBeUndefined();
    broken.mockRestore();
    using next = await EventSourceClient.open(`${server.url}api/page`);
    expect((await nextFrame(next)).state).toBe("running");
  });
});

describe("LiveFeeds.serveEvents", () => {
  it("replays what is known and goes on with what comes", async () => {
    const run = new ScriptedRun().start("x", "X").pass(5).log("one");
    await using server = await startPageServer({ source: run });
    using client = await EventSourceClient.open(`${server.url}api/events`);
    expect(await client.take(2)).toEqual([
      {
        id: "1",
        event: "step-started",
        data: { sequence: 1, kind: "step-started", at: 0, id: "x", title: "X", destructive: false },
      },
      { id: "2", event: "log", data: { sequence: 2, kind: "log", at: 5, level: "info", message: "one" } },
    ]);
    run.end("x");
    expect(await client.next()).toMatchObject({ id: "3", event: "step-ended" });
  });

  it.each([
    ["a number", "?after=2", {}],
    ["the header of a browser that comes back", "", { "Last-Event-ID": "2" }],
    ["the header rather than the number of the first time", "?after=0", { "Last-Event-ID": "2" }],
  ] as const)("goes on after %s", async (_name, query, headers) => {
    const run = new ScriptedRun().log("one").log("two").log("three");
    await using server = await startPageServer({ source: run });
    using client = await EventSourceClient.open(`${server.url}api/events${query}`, headers);
    expect(await client.next()).toMatchObject({ id: "3", data: { message: "three" } });
  });

  it("begins at the beginning for a number of an earlier run", async () => {
    await using server = await startPageServer({ source: new ScriptedRun().log("one") });
    using client = await EventSourceClient.open(`${server.url}api/events?after=5000`);
    expect(await client.next()).toMatchObject({ id: "1" });
  });

  it("tells how many events are no longer known", async () => {
    const run = new ScriptedRun();
    for (let count = 0; count < 5_000; count += 1) run.log("x");
    await using server = await startPageServer({ source: run });
    using client = await EventSourceClient.open(`${server.url}api/events?after=100`);
    expect(await client.take(2)).toMatchObject([
      { event: "events-lost", data: { lost: 804 } },
      { id: "905", event: "log" },
    ]);
  });

  it("sends fields that JSON has no form for as well as it can", async () => {
    const run = new ScriptedRun();
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    run.publish("log", { level: "info", message: "big", fields: { size: 2n ** 70n } });
    run.publish("log", { level: "info", message: "round", fields: circle });
    await using server = await startPageServer({ source: run });
    using client = await EventSourceClient.open(`${server.url}api/events`);
    expect(await client.take(2)).toMatchObject([
      { data: { message: "big", fields: { size: "1180591620717411303424" } } },
      { data: { message: "round" } },
    ]);
  });

  it("cuts off a client that does not read, and delays no publisher by it", async () => {
    const run = new ScriptedRun();
    await using server = await startPageServer({ source: run, patienceMs: 200 });
    const socket = await openDeafWatcher(server.port, "/api/events");
    await vi.waitFor(() => expect(server.live.connections).toBe(1));
    for (let count = 0; count < 4_000; count += 1) run.log("x".repeat(4_000));
    expect(run.history.sequence).toBe(4_000);
    await vi.waitFor(() => expect(server.live.connections).toBe(0), { timeout: 5_000 });
    socket.destroy();
  });

  it("answers HEAD without a stream", async () => {
    await using server = await startPageServer({ source: new ScriptedRun() });
    const response = await fetch(`${server.url}api/events`, { method: "HEAD" });
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(server.live.connections).toBe(0);
  });
});
