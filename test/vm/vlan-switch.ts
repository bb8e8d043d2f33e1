// Runs inside a network namespace: a switch between virtual machines (`-netdev stream`) and TAP interfaces of the namespace, for kernels
// without VLANs. Tells what it learns.
// Usage: node vlan-switch.ts SETTINGS, JSON of SwitchSettings. One thread of libuv waits at each TAP interface: UV_THREADPOOL_SIZE.
import { openSync, read, writeSync } from "node:fs";
import { createServer, type Socket } from "node:net";

import { createKoffiCalls } from "../../src/system/node/native/koffi-calls.ts";
import { encodeStreamFrame, StreamFrames } from "./vlan-switch-frames.ts";
import { type SwitchPort, SwitchTable } from "./vlan-switch-table.ts";

export interface SwitchSettings {
  /** Each with the UNIX socket where the machine's network card is plugged in. */
  readonly sockets: readonly (SwitchPort & { readonly socketPath: string })[];
  /** Each is a TAP interface of its name, which exists. */
  readonly taps: readonly SwitchPort[];
}

/** linux/if_tun.h */
const TUNSETIFF = 0x400454ca;
const IFF_TAP = 0x2;
const IFF_NO_PI = 0x1000;
/** struct ifreq: the name, then a union that starts with the flags. */
const IFREQ_BYTES = 40;
const IFREQ_FLAGS_OFFSET = 16;

const MAXIMUM_FRAME_BYTES = 65_536;
/** A machine that takes no more has frames dropped, as at any switch. */
const MAXIMUM_QUEUE_BYTES = 2 ** 24;

const settings: SwitchSettings = JSON.parse(process.argv[2] ?? "");
const outputs = new Map<SwitchPort, (frame: Buffer) => void>();
const table = new SwitchTable([...settings.sockets, ...settings.taps], (text) =>
  process.stdout.write(`${text}\n`),
);

function receive(from: SwitchPort, incoming: Buffer): void {
  for (const { port, frame } of table.forward(from, incoming)) outputs.get(port)?.(frame);
}

function plugIn(port: SwitchPort, socket: Socket): void {
  const frames = new StreamFrames();
  outputs.set(port, (frame) => {
    if (socket.writableLength < MAXIMUM_QUEUE_BYTES) socket.write(encodeStreamFrame(frame));
  });
  socket.on("data", (chunk: Buffer) => {
    for (const frame of frames.push(chunk)) receive(port, frame);
  });
  // A machine that is switched off is a cable that is pulled.
  socket.on("error", () => socket.destroy());
  socket.on("close", () => outputs.delete(port));
}

function attach(tap: SwitchPort): void {
  const fd = openSync("/dev/net/tun", "r+");
  const request = Buffer.alloc(IFREQ_BYTES);
  request.write(tap.name);
  request.writeUInt16LE(IFF_TAP | IFF_NO_PI, IFREQ_FLAGS_OFFSET);
  createKoffiCalls().ioctl(fd, TUNSETIFF, request);
  outputs.set(tap, (frame) => writeSync(fd, frame));
  const readNext = (): void => {
    read(
      fd,
      Buffer.allocUnsafe(MAXIMUM_FRAME_BYTES),
      0,
      MAXIMUM_FRAME_BYTES,
      null,
      (error, length, frame) => {
        if (error !== null) throw error;
        receive(tap, frame.subarray(0, length));
        readNext();
      },
    );
  };
  readNext();
}

for (const tap of settings.taps) attach(tap);
for (const port of settings.sockets) {
  const server = createServer((socket) => plugIn(port, socket));
  await new Promise<void>((resolve) => server.listen(port.socketPath, resolve));
}
process.stdout.write("ready\n");
