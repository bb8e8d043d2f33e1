/**
 * A DHCP server that sends its answers to the address that it gives, whatever the broadcast flag says: to the client's
 * hardware address, without asking for it (RFC 2131 section 4.1 allows that only for clients that cleared the flag).
 * Arguments: interface, its own address, the address to give.
 */
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { encodeDhcpMessage, parseDhcpMessage } from "../../../src/network/dhcp/codec.ts";
import { ipv4Bytes } from "../../../src/network/ip-address.ts";

const [device = "", server = "", address = ""] = process.argv.slice(2);
const [DISCOVER, OFFER, ACK] = [1, 2, 5] as const;

const socket = createSocket("udp4");
socket.on("message", (packet) => {
  const request = parseDhcpMessage(packet);
  const macAddress = request.hardwareAddress.toString("hex").replaceAll(/(..)(?!$)/g, "$1:");
  execFileSync("ip", ["neigh", "replace", address, "lladdr", macAddress, "dev", device]);
  const type = request.options.get(53)?.[0] === DISCOVER ? OFFER : ACK;
  const answer = encodeDhcpMessage({
    ...request,
    operation: 2,
    yourAddress: address,
    nextServer: server,
    options: new Map([
      [53, Buffer.of(type)],
      [54, ipv4Bytes(server)],
      [51, Buffer.of(0, 0, 14, 16)],
      [1, Buffer.of(255, 255, 255, 0)],
      [3, ipv4Bytes(server)],
    ]),
  });
  socket.send(answer, 68, address);
});
socket.bind(67);
await once(socket, "listening");
console.log("ready");
