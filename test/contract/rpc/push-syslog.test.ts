import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { silentLogger } from "../../../src/core/logger.ts";
import { EventHistory } from "../../../src/engine/event-history.ts";
import type { Notice } from "../../../src/engine/facts.ts";
import { startSyslogPush } from "../../../src/rpc/push/push-syslog.ts";
import { parseSyslogTarget } from "../../../src/rpc/push/syslog-target.ts";
import { NodeClock } from "../../../src/system/node/node-clock.ts";

function startPush(target: string) {
  const history = new EventHistory();
  const notices: Notice[] = [];
  const pump = startSyslogPush({
    target: parseSyslogTarget(target),
    history,
    sender: () => ({ hostname: "node", processId: 7 }),
    clock: CLOCK,
    log: silentLogger,
    notify: (notice) => notices.push(notice),
  });
  onTestFinished(async () => pump[Symbol.asyncDispose]());
  const record = (message: string): void => history.record({ kind: "log", at: 1, level: "info", message });
  return { history, pump, record, notices };
}

/** The real one; nobody sets it. */
const CLOCK = new NodeClock(() => {
  throw new Error("not in this test");
});

/** A log server that takes messages apart by their lengths (RFC 6587 section 3.4.1). */
async function startTcpServer(port = 0) {
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    let rest = Buffer.alloc(0);
    socket
      .on("error", () => undefined)
      .on("data", (piece) => {
        rest = Buffer.concat([rest, Buffer.from(piece)]);
        for (;;) {
          const [whole, length = ""] = /^(\d+) /.exec(rest.toString("latin1", 0, 10)) ?? [];
          if (whole === undefined || rest.length < whole.length + Number(length)) return;
          messages.push(rest.toString("utf8", whole.length, whole.length + Number(length)));
          rest = rest.subarray(whole.length + Number(length));
        }
      });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, "close");
  };
  onTestFinished(stop);
  return { port: (server.address() as AddressInfo).port, messages, stop };
}

describe("syslog over UDP", () => {
  test("one message a datagram, of limited size", async () => {
    const server = createSocket("udp4");
    const messages: Buffer[] = [];
    server.on("message", (message) => messages.push(message));
    server.bind(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      server.close();
    });
    const { record, pump, history } = startPush(`udp://127.0.0.1:${server.address().port}`);
    record("one\ntwo");
    record("😀".repeat(5_000));
    history.record({ kind: "run-ended", at: 2, outcome: "failed", message: "no drive" });
    expect(await pump.drain(5_000)).toBe(true);
    await expect.poll(() => messages.length).toBe(3);
    expect(messages[0]?.toString()).toMatch(
      /^<30>1 \S+ node installer 7 log \[installer@32473 sequence="1"\] \ufeffone\\x0atwo$/,
    );
    expect(messages[1]?.length).toBeLessThanOrEqual(2_048);
    expect(messages[2]?.toString()).toMatch(/^<27>1 .*no drive$/);
  });

  test("a name is looked up, and one that there is not is no end of it", async () => {
    const { address, family } = await lookup("localhost");
    const server = createSocket(family === 6 ? "udp6" : "udp4");
    const messages: Buffer[] = [];
    server.on("message", (message) => messages.push(message));
    server.bind(0, address);
    await once(server, "listening");
    onTestFinished(() => {
      server.close();
    });
    const known = startPush(`udp://localhost:${server.address().port}`);
    known.record("a");
    expect(await known.pump.drain(5_000)).toBe(true);
    await expect.poll(() => messages.length).toBe(1);
    // Too long for a name, so that nobody is asked for it.
    const unknown = startPush(`udp://${"x".repeat(70)}.invalid`);
    unknown.record("a");
    expect(await unknown.pump.drain(1_000)).toBe(false);
    expect(unknown.notices).toMatchObject([{ id: "syslog-push", severity: "warning" }]);
  });

  test("nobody who listens is no reason to stop", async () => {
    const { record, pump } = startPush("udp://127.0.0.1:9");
    record("a");
    record("b");
    expect(await pump.drain(5_000)).toBe(true);
  });
});

describe("syslog over TCP", () => {
  test("messages with their lengths, in order", async () => {
    const { port, messages } = await startTcpServer();
    const { record, pump } = startPush(`tcp://127.0.0.1:${port}`);
    for (let index = 0; index < 300; index++) record(`message ${index} é`);
    expect(await pump.drain(5_000)).toBe(true);
    await expect.poll(() => messages.length).toBe(300);
    expect(messages.every((message, index) => message.endsWith(`message ${index} é`))).toBe(true);
  });

  test("a server that restarts gets what comes after, and what could not be written", async () => {
    const first = await startTcpServer();
    const { record, pump, notices } = startPush(`tcp://127.0.0.1:${first.port}`);
    record("before");
    expect(await pump.drain(5_000)).toBe(true);
    await expect.poll(() => first.messages.length).toBe(1);
    await first.stop();
    record("while it is down");
    await expect.poll(() => notices.map(({ id }) => id), { timeout: 5_000 }).toContain("syslog-push");
    const second = await startTcpServer(first.port);
    record("after");
    await expect.poll(() => second.messages.length, { timeout: 10_000 }).toBe(2);
    expect(second.messages.map((message) => message.split("\ufeff")[1])).toEqual([
      "while it is down",
      "after",
    ]);
    expect(notices.at(-1)).toMatchObject({ id: "syslog-push", text: "" });
  }, 20_000);

  test("a server that takes nothing does not hold up the end of an installation", async () => {
    const server = createServer((socket) => socket.pause());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { record, pump, history } = startPush(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => {
      server.close();
    });
    for (let index = 0; index < 4_000; index++) record("x".repeat(8_000));
    const startedAt = performance.now();
    expect(await pump.drain(1_000)).toBe(false);
    await pump[Symbol.asyncDispose]();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(history.sequence).toBe(4_000);
  });
});
