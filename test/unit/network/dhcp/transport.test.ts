import { expect, test } from "vitest";
import { openDhcpTransport } from "../../../../src/network/dhcp/transport.ts";
import type { PacketListener, Sockets } from "../../../../src/system/sockets.ts";
import { systemError } from "../../../../src/system/system-error.ts";
import { LoopbackSockets } from "../../../support/fake-host.ts";
import { keepingLogger } from "./dhcp-server.ts";
import { makeServerFrame } from "./server-frame.ts";

const never = new AbortController().signal;

function makePacketSockets() {
  const sent: Uint8Array[] = [];
  let listener: PacketListener | undefined;
  let isClosed = false;
  const sockets: Sockets = {
    openUdpOnInterface: async () => Promise.reject(new Error("not needed")),
    async openPacketsOnInterface(name, port, given) {
      expect([name, port]).toEqual(["eth0", 68]);
      listener = given;
      return {
        broadcast: (packet) => void sent.push(packet),
        close: () => {
          isClosed = true;
        },
      };
    },
  };
  return {
    sockets,
    sent,
    isClosed: () => isClosed,
    hear: (packet: Buffer) => listener?.onPacket(packet),
    fail: (error: Error) => listener?.onError(error),
  };
}

test("an answer to the offered address is heard, other packets are not", async () => {
  const { sockets, sent, hear, isClosed } = makePacketSockets();
  {
    await using transport = await openDhcpTransport(sockets, "eth0", keepingLogger([]));
    await transport.send(Buffer.from("hello"));
    hear(makeServerFrame({ message: Buffer.from("noise"), ports: [67, 1068] }));
    hear(Buffer.from("junk"));
    hear(makeServerFrame({ message: Buffer.from("answer") }));
    expect(await transport.receive(never)).toEqual(Buffer.from("answer"));
  }
  expect(sent).toHaveLength(1);
  expect(
    Buffer.from(sent[0] ?? [])
      .subarray(-5)
      .toString(),
  ).toBe("hello");
  expect(isClosed()).toBe(true);
});

test("a socket that fails ends the wait", async () => {
  const { sockets, fail } = makePacketSockets();
  await using transport = await openDhcpTransport(sockets, "eth0", keepingLogger([]));
  const waiting = transport.receive(never);
  fail(systemError("ENODEV", "recv"));
  await expect(waiting).rejects.toThrow("ENODEV");
});

test("a kernel without packet sockets is served by UDP", async () => {
  const sockets = new LoopbackSockets();
  const lines: string[] = [];
  await using _transport = await openDhcpTransport(sockets, "eth0", keepingLogger(lines));
  expect(sockets.opened).toEqual([{ interfaceName: "eth0", port: 68 }]);
  expect(lines[0]).toContain("eth0: no packet socket, hearing broadcast answers only: EAFNOSUPPORT");
});
