import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openTftpConnection, type TftpConnection } from "../../../../src/network/tftp/connection.ts";
import { FakeClock } from "../../../support/fake-host.ts";

// On the loopback interface every 127.x.y.z is ours: strangers with other addresses are easily had.

const never = new AbortController().signal;
const REQUEST = Buffer.from("\0\x01file\0octet\0", "latin1");

let connection: TftpConnection;
let server: Socket;
const sockets: Socket[] = [];

async function open(address: string): Promise<Socket> {
  const socket = createSocket("udp4");
  sockets.push(socket);
  socket.bind(0, address);
  await once(socket, "listening");
  return socket;
}

/** The port of the client, learnt from its request as a server does. */
async function request(): Promise<number> {
  const arrived = once(server, "message");
  await connection.send(REQUEST, true);
  const [, { port }] = (await arrived) as [Buffer, { readonly port: number }];
  return port;
}

function send(from: Socket, text: string, port: number): Promise<void> {
  return new Promise((resolve) => from.send(text, port, "127.0.0.1", () => resolve()));
}

const next = async (): Promise<string | undefined> =>
  (await connection.next(60_000, never))?.toString("latin1");

beforeEach(async () => {
  server = await open("127.0.0.1");
  // A clock that stands still: nothing here waits for silence.
  const clock = new FakeClock({ manual: true });
  connection = await openTftpConnection({ address: "127.0.0.1", family: 4 }, server.address().port, clock);
});
afterEach(async () => {
  await connection[Symbol.asyncDispose]();
  for (const socket of sockets.splice(0)) socket.close();
});

test("a packet from another address changes nothing, not even the port of the transfer", async () => {
  const stranger = await open("127.0.0.2");
  const transfer = await open("127.0.0.1");
  const port = await request();
  await send(stranger, "\0\x05\0\x01not yours\0", port);
  await send(stranger, "\0\x03\0\x01forged", port);
  await send(transfer, "\0\x03\0\x01content", port);
  expect(await next()).toBe("\0\x03\0\x01content");
});

test("after the first answer a packet from another port of the server is refused, and changes nothing", async () => {
  const transfer = await open("127.0.0.1");
  const other = await open("127.0.0.1");
  const port = await request();
  await send(transfer, "\0\x03\0\x01one", port);
  expect(await next()).toBe("\0\x03\0\x01one");
  const refusal = once(other, "message");
  await send(other, "\0\x03\0\x02forged", port);
  await send(transfer, "\0\x03\0\x02two", port);
  expect(await next()).toBe("\0\x03\0\x02two");
  const [packet] = (await refusal) as [Buffer];
  expect(packet.toString("latin1")).toBe("\0\x05\0\x05unknown transfer\0");
});

test("acknowledgements go to the port of the transfer, a repeated request to the well-known one", async () => {
  const transfer = await open("127.0.0.1");
  const port = await request();
  await send(transfer, "\0\x03\0\x01one", port);
  await next();
  const acknowledgement = once(transfer, "message");
  await connection.send(Buffer.of(0, 4, 0, 1), false);
  expect((await acknowledgement)[0]).toEqual(Buffer.of(0, 4, 0, 1));
  expect(await request()).toBe(port);
});
