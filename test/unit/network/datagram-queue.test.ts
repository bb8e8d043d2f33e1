import { expect, test } from "vitest";
import { type Datagram, DatagramQueue } from "../../../src/network/datagram-queue.ts";

const never = new AbortController().signal;

function datagram(text: string): Datagram {
  return { data: Buffer.from(text), address: "10.0.0.1", port: 69 };
}

test("in order, whether they come before or after the wait", async () => {
  const queue = new DatagramQueue();
  queue.push(datagram("a"));
  expect(await queue.next(never)).toEqual(datagram("a"));
  const waiting = queue.next(never);
  queue.push(datagram("b"));
  queue.push(datagram("c"));
  expect(await waiting).toEqual(datagram("b"));
  expect(await queue.next(never)).toEqual(datagram("c"));
});

test("an aborted wait loses nothing", async () => {
  const queue = new DatagramQueue();
  const stop = new AbortController();
  const waiting = queue.next(stop.signal);
  stop.abort(new Error("stopped"));
  queue.push(datagram("a"));
  await expect(waiting).rejects.toThrow("stopped");
  expect(await queue.next(never)).toEqual(datagram("a"));
});

test("a failure ends waits", async () => {
  const queue = new DatagramQueue();
  const waiting = queue.next(never);
  queue.fail(new Error("socket gone"));
  await expect(waiting).rejects.toThrow("socket gone");
  await expect(queue.next(never)).rejects.toThrow("socket gone");
});

test("a flood is cut off at 256 waiting datagrams", async () => {
  const queue = new DatagramQueue();
  for (let count = 0; count < 300; count++) queue.push(datagram(String(count)));
  for (let count = 0; count < 256; count++) await queue.next(never);
  queue.push(datagram("later"));
  expect(await queue.next(never)).toEqual(datagram("later"));
});
