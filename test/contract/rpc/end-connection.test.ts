import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import type { ListeningPort } from "../../../src/rpc/port/listen.ts";
import { streamMethod } from "../../../src/rpc/srpc/method.ts";
import { startTestServer } from "./srpc-server.ts";

/** More than the sockets of both sides hold. */
const CONTENT = Buffer.alloc(32 * 1024 * 1024, "x");
const CALL = "CONNECT /_goSRPC_/ HTTP/1.0\n\nTest.Last\n";

let port: ListeningPort;
afterEach(() => port.close());

/** A server with a method after which the connection is over; counts its calls. */
async function startServer(writeTimeoutMs: number): Promise<() => number> {
  let calls = 0;
  const last = streamMethod({
    name: "Test.Last",
    run: async (call) => {
      calls += 1;
      // The limit is to be that of the end, not that of this write.
      call.setWriteTimeout(0);
      void call.write(CONTENT).catch(() => undefined);
      call.setWriteTimeout(writeTimeoutMs);
      call.endConnection();
    },
  });
  port = await startTestServer({ methods: [last] });
  return () => calls;
}

/** A client that has called the method and does not read for now. */
async function callWithoutReading(callCount: () => number): Promise<Socket> {
  const socket = connect(port.port, "127.0.0.1").pause();
  socket.on("error", () => undefined).write(CALL);
  await expect.poll(callCount, { interval: 5 }).toBe(1);
  return socket;
}

it("serves no further call on a connection that a method has ended, and delivers everything", async () => {
  const callCount = await startServer(10_000);
  const socket = await callWithoutReading(callCount);
  await new Promise<void>((resolve) => {
    socket.write("Test.Last\nTest.Last\n", () => resolve());
  });
  let received = 0;
  socket.on("data", (chunk) => {
    received += chunk.length;
  });
  socket.resume();
  await once(socket, "close");
  expect(received).toBe("HTTP/1.0 200 Connected to Go SRPC\n\n\n".length + CONTENT.length);
  expect(callCount()).toBe(1);
});

it("drops a connection that was ended when its peer takes nothing for the time limit", async () => {
  const callCount = await startServer(100);
  const socket = await callWithoutReading(callCount);
  let received = 0;
  // The socket only tells of its end to who reads; by then the server has long lost patience.
  await expect.poll(() => port.statistics().connections, { interval: 5, timeout: 10_000 }).toBe(0);
  socket.on("data", (chunk) => {
    received += chunk.length;
  });
  socket.resume();
  await once(socket, "close");
  expect(received).toBeLessThan(CONTENT.length);
});
