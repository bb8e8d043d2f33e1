/** Sends garbage to the port of DHCP clients, and to another, a thousand packets a second. Argument: the address to send to. */
import { randomBytes, randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";

const PACKETS_PER_TURN = 10;
const TURN_MS = 10;

const [address = ""] = process.argv.slice(2);
const socket = createSocket({ type: "udp4", reuseAddr: true });
socket.bind(1067);
await once(socket, "listening");
socket.setBroadcast(true);
setInterval(() => {
  for (let count = 0; count < PACKETS_PER_TURN; count++)
    socket.send(randomBytes(randomInt(1, 1400)), count % 2 === 0 ? 68 : 4000, address);
}, TURN_MS);
console.log("ready");
