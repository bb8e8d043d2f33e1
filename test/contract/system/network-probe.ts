/**
 * Runs in a network namespace of its own with the veth pair `va`-`vb`, neither with an address; prints what the real
 * adapters did there as JSON.
 */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { errnoOf } from "../../../src/core/errors.ts";
import { createNodeHost } from "../../../src/system/node/node-host.ts";

const { interfaces, sockets } = createNodeHost();

async function errno(operation: Promise<unknown>): Promise<string | undefined> {
  return operation.then(
    () => "no error",
    (error: unknown) => errnoOf(error),
  );
}

const before = await interfaces.list();
const carrierWhileDown = await interfaces.hasCarrier("va");
await interfaces.setUp("va", true);
await interfaces.setUp("vb", true);
// The kernel tells of a carrier some time after the other end was raised; until then it drops what is sent.
while (!((await interfaces.hasCarrier("va")) && (await interfaces.hasCarrier("vb")))) await sleep(10);

const sender = await sockets.openUdpOnInterface("va", 10_068);
const receiver = await sockets.openUdpOnInterface("vb", 10_067);
const received = once(receiver, "message");
sender.send("discover", 10_067, "255.255.255.255");
const [message, from] = (await received) as [Buffer, { readonly address: string; readonly port: number }];
const secondOnSamePort = await sockets.openUdpOnInterface("vb", 10_068);
for (const socket of [sender, receiver, secondOnSamePort]) socket.close();

await interfaces.setAddress("va", "192.0.2.10", 24);
await interfaces.setAddress("va", "192.0.2.11", 25);
await interfaces.setDefaultGateway("192.0.2.1");
await interfaces.setDefaultGateway("192.0.2.2");
await interfaces.setDefaultGateway("192.0.2.2");
const routes = await readFile("/proc/net/route", "utf8");
const addresses = await readFile("/proc/net/fib_trie", "utf8");
await interfaces.setHostname("probe-host");

await interfaces.setMtu("va", 1400);
const onLink = { destination: "203.0.113.1", prefixLength: 32, gateway: "0.0.0.0", interfaceName: "va" };
await interfaces.addRoute(onLink);
// The same destination twice, with bits beyond the prefix; the second gateway is only on the link by the route above.
const toSubnet = { destination: "198.51.100.77", prefixLength: 24, interfaceName: "va" };
await interfaces.addRoute({ ...toSubnet, gateway: "192.0.2.3" });
await interfaces.addRoute({ ...toSubnet, gateway: "203.0.113.1" });
const routesAfter = await readFile("/proc/net/route", "utf8");
const vlan = { name: "va.5", parent: "va", vlanId: 5 };
const vlanCreated = await errno(interfaces.createVlan(vlan));
const vlanAgain = await errno(interfaces.createVlan(vlan));

const report = {
  before,
  carrierWhileDown,
  after: await interfaces.list(),
  carrierWhileUp: await interfaces.hasCarrier("va"),
  received: { text: message.toString(), address: from.address, port: from.port },
  defaultRoutes: routes.split("\n").filter((line) => line.split("\t")[1] === "00000000"),
  hasNewAddress: addresses.includes("192.0.2.11"),
  hasOldAddress: addresses.includes("192.0.2.10"),
  hostname: (await readFile("/proc/sys/kernel/hostname", "utf8")).trim(),
  gatewayOnLink: await errno(interfaces.setDefaultGateway("203.0.113.1")),
  unreachableGateway: await errno(interfaces.setDefaultGateway("203.0.113.9")),
  unknownInterface: await errno(interfaces.setUp("nonesuch", true)),
  impossibleName: await errno(interfaces.setUp("a-name-that-is-too-long", true)),
  badAddress: await errno(interfaces.setAddress("va", "192.0.2", 24)),
  badPrefix: await errno(interfaces.setAddress("va", "192.0.2.1", 33)),
  routes: routesAfter
    .trim()
    .split("\n")
    .slice(1)
    .map((line) =>
      line
        .split("\t")
        .filter((_, column) => [0, 1, 2, 7].includes(column))
        .join(" "),
    ),
  vlanCreated,
  vlanAgain,
  badVlanId: await errno(interfaces.createVlan({ ...vlan, vlanId: 4095 })),
  vlanOnUnknown: await errno(interfaces.createVlan({ ...vlan, parent: "nonesuch" })),
  impossibleVlanName: await errno(interfaces.createVlan({ ...vlan, name: "a-name-that-is-too-long" })),
  badMtu: await errno(interfaces.setMtu("va", 10)),
  mtuOfUnknown: await errno(interfaces.setMtu("nonesuch", 1400)),
  unreachableRoute: await errno(interfaces.addRoute({ ...toSubnet, gateway: "203.0.114.1" })),
  routeOnUnknown: await errno(interfaces.addRoute({ ...onLink, interfaceName: "nonesuch" })),
  badDestination: await errno(interfaces.addRoute({ ...onLink, destination: "203.0.113" })),
  badRoutePrefix: await errno(interfaces.addRoute({ ...onLink, prefixLength: 33 })),
  socketOnUnknown: await errno(sockets.openUdpOnInterface("nonesuch", 0)),
  carrierOfUnknown: await interfaces.hasCarrier("nonesuch"),
};
process.stdout.write(JSON.stringify(report));
