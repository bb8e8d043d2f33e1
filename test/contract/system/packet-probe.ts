/**
 * Runs in a network namespace of its own with the veth pair `va`-`vb`, neither with an address; prints what packet
 * sockets did there as JSON. Ends with one of them open, which must not keep it alive.
 */
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { errnoOf } from "../../../src/core/errors.ts";
import { encodeDhcpFrame } from "../../../src/network/dhcp/frame.ts";
import { createNodeHost } from "../../../src/system/node/node-host.ts";

const { interfaces, sockets } = createNodeHost();

/** A packet socket and the content of the UDP packets that it hears. */
async function listen(name: string, port: number) {
  const heard: string[] = [];
  const errors: string[] = [];
  const socket = await sockets.openPacketsOnInterface(name, port, {
    onPacket: (packet) => heard.push(packet.toString("latin1", 28)),
    onError: (error) => errors.push(error.message),
  });
  return { heard, errors, socket };
}

/** Waits until `condition` holds, 2 s at most. */
async function until(condition: () => boolean): Promise<void> {
  for (let count = 0; count < 200 && !condition(); count++) await sleep(10);
}

/** The kernel tells of a carrier some time after the other end was raised; until then it drops what is sent. */
async function raise(...names: readonly string[]): Promise<void> {
  for (const name of names) await interfaces.setUp(name, true);
  while (!((await interfaces.hasCarrier("va")) && (await interfaces.hasCarrier("vb")))) await sleep(10);
}

await raise("va", "vb");
const server = await listen("va", 67);
const client = await listen("vb", 68);
const other = await listen("vb", 69);
client.socket.broadcast(encodeDhcpFrame(Buffer.from("to the server")));
const sender = await sockets.openUdpOnInterface("va", 67);
sender.send("to the other port", 69, "255.255.255.255");
sender.send("to the client", 68, "255.255.255.255");
await until(() => server.heard.length > 0 && client.heard.length > 0 && other.heard.length > 0);

await interfaces.setUp("vb", false);
await sleep(100);
await raise("vb");
sender.send("after the link was down", 68, "255.255.255.255");
await until(() => client.heard.length > 1);

other.socket.close();
other.socket.close();
sender.send("to the closed socket", 69, "255.255.255.255");
await sleep(100);
sender.close();
server.socket.close();

await interfaces.setAddress("va", "192.0.2.10", 24);
await interfaces.setDefaultGateway("192.0.2.1");
const routesBefore = (await readFile("/proc/net/route", "utf8")).trim().split("\n").length - 1;
await interfaces.clearAddress("va");
await interfaces.clearAddress("va");
const unknown = await listen("nonesuch", 68).catch((error: unknown) => errnoOf(error));

process.stdout.write(
  JSON.stringify({
    heard: { server: server.heard, client: client.heard, other: other.heard },
    errors: [...server.errors, ...client.errors, ...other.errors],
    unknown,
    routesBefore,
    routesAfter: (await readFile("/proc/net/route", "utf8")).trim().split("\n").length - 1,
    hasAddress: (await readFile("/proc/net/fib_trie", "utf8")).includes("192.0.2.10"),
  }),
);
