import { describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/core/logger.ts";
import {
  type ActiveInterface,
  applyActiveInterface,
  applySecondaryInterface,
  makeVlans,
  planFromChoice,
  planFromLease,
  raiseInterfaces,
} from "../../../src/network/bring-up.ts";
import type { DhcpLease } from "../../../src/network/dhcp/lease.ts";
import type { Route, VlanInterface } from "../../../src/system/interfaces.ts";
import { MemoryFileSystem } from "../../support/memory-file-system.ts";
import { createRecordingLogger } from "../../support/recording-logger.ts";

const LEASE: DhcpLease = {
  interfaceName: "eth0",
  address: "10.0.0.2",
  prefixLength: 24,
  maskIsGuessed: false,
  router: "10.0.0.1",
  nameServers: ["10.0.0.53"],
  domainName: "a.example b.example",
  routes: [],
  mtu: undefined,
  searchDomains: [],
  tftpServerAddresses: [],
  options: new Map(),
  packet: Buffer.alloc(0),
};

const ACTIVE: ActiveInterface = {
  interfaceName: "eth0",
  address: "10.0.0.2",
  prefixLength: 24,
  gateway: "10.0.0.1",
  nameServers: ["10.0.0.53"],
  domainName: "a.example b.example",
};

/** Records what was asked of it; `failing` names the call that the kernel refuses. */
function makeInterfaces(failing = "", code = "EPERM") {
  const calls: string[] = [];
  const call = async (text: string): Promise<void> => {
    calls.push(text);
    if (failing !== "" && text.startsWith(failing)) throw Object.assign(new Error(code), { code });
  };
  return {
    calls,
    setUp: (name: string, up: boolean) => call(`up ${name} ${up}`),
    setAddress: (name: string, address: string, length: number) =>
      call(`address ${name} ${address}/${length}`),
    setDefaultGateway: (gateway: string) => call(`route ${gateway}`),
    addRoute: ({ destination, prefixLength, gateway, interfaceName }: Route) =>
      call(`add ${destination}/${prefixLength} via ${gateway} dev ${interfaceName}`),
    setMtu: (name: string, mtu: number) => call(`mtu ${name} ${mtu}`),
    createVlan: ({ name, parent, vlanId }: VlanInterface) => call(`vlan ${name} ${parent} ${vlanId}`),
  };
}

test("a lease becomes a set-up", () => {
  expect(planFromLease(LEASE)).toEqual(ACTIVE);
});

test("routes, MTU and search domains of a lease are part of the set-up", () => {
  const extras = {
    routes: [{ destination: "10.8.0.0", prefixLength: 16, gateway: "10.0.0.3" }],
    mtu: 1400,
    searchDomains: ["lab.example", "example"],
  };
  expect(planFromLease({ ...LEASE, ...extras })).toEqual({ ...ACTIVE, ...extras });
});

test.each(["a\nnameserver 6.6.6.6", "a\u001b[2J", " ", "x".repeat(2000)])(
  "a domain name like %j is left out",
  (domainName) => expect(planFromLease({ ...LEASE, domainName })).not.toHaveProperty("domainName"),
);

test("a chosen interface becomes a set-up", () => {
  const subnet = { id: "Lab", gateway: "10.0.0.1", mask: "255.255.255.0", domainName: "lab", vlanId: 0 };
  const choice = { interfaceName: "eth0", address: "10.0.0.2", notes: [] };
  expect(
    planFromChoice({ ...choice, subnet: { ...subnet, nameServers: ["10.0.0.53"], manage: false } }),
  ).toEqual({
    ...ACTIVE,
    domainName: "lab",
  });
});

test("address, route and name servers, in that order", async () => {
  const interfaces = makeInterfaces();
  const files = new MemoryFileSystem({ files: { "/etc/": "" } });
  await applyActiveInterface({ interfaces, files, log: silentLogger }, ACTIVE);
  expect(interfaces.calls).toEqual(["up eth0 true", "address eth0 10.0.0.2/24", "route 10.0.0.1"]);
  expect(await files.readText("/etc/resolv.conf")).toBe(
    [
      "; /etc/resolv.conf -- created by SmallStack installer",
      "",
      "domain a.example b.example",
      "search a.example b.example",
      "",
      "nameserver 10.0.0.53",
      "",
    ].join("\n"),
  );
});

test("MTU before the address; routes on the link before the default route, the others after it", async () => {
  const interfaces = makeInterfaces();
  const files = new MemoryFileSystem({ files: { "/etc/": "" } });
  const routes = [
    { destination: "10.8.0.0", prefixLength: 16, gateway: "10.0.0.3" },
    { destination: "10.9.0.0", prefixLength: 16, gateway: "0.0.0.0" },
  ];
  const active = {
    ...ACTIVE,
    prefixLength: 32,
    mtu: 1400,
    routes,
    searchDomains: ["lab.example", "example"],
  };
  await applyActiveInterface({ interfaces, files, log: silentLogger }, active);
  expect(interfaces.calls).toEqual([
    "up eth0 true",
    "mtu eth0 1400",
    "address eth0 10.0.0.2/32",
    "add 10.9.0.0/16 via 0.0.0.0 dev eth0",
    "add 10.0.0.1/32 via 0.0.0.0 dev eth0",
    "add 10.0.0.3/32 via 0.0.0.0 dev eth0",
    "route 10.0.0.1",
    "add 10.8.0.0/16 via 10.0.0.3 dev eth0",
  ]);
  expect(await files.readText("/etc/resolv.conf")).toContain("\nsearch lab.example example\n");
});

test("without a gateway there is no default route", async () => {
  const interfaces = makeInterfaces();
  const files = new MemoryFileSystem({ files: { "/etc/": "" } });
  const { gateway: _, ...active } = ACTIVE;
  await applyActiveInterface({ interfaces, files, log: silentLogger }, active);
  expect(interfaces.calls).toEqual(["up eth0 true", "address eth0 10.0.0.2/24"]);
});

test.each(["mtu", "add 10.8"])(
  "an installation goes on, and says so, when the kernel refuses: %s",
  async (failing) => {
    const log = createRecordingLogger();
    const files = new MemoryFileSystem({ files: { "/etc/": "" } });
    const routes = [{ destination: "10.8.0.0", prefixLength: 16, gateway: "10.0.0.3" }];
    await applyActiveInterface(
      { interfaces: makeInterfaces(failing), files, log },
      { ...ACTIVE, mtu: 9000, routes },
    );
    expect(log.messages.filter((message) => message.endsWith(": EPERM"))).toHaveLength(1);
  },
);

test("an interface beside the active one gets neither default route nor name servers", async () => {
  const interfaces = makeInterfaces();
  await applySecondaryInterface({ interfaces, log: silentLogger }, ACTIVE);
  expect(interfaces.calls).toEqual(["up eth0 true", "address eth0 10.0.0.2/24"]);
});

describe("VLAN interfaces", () => {
  const vlan = { name: "eth0.5", parent: "eth0", vlanId: 5 };

  test("are made on their raised parent, and raised", async () => {
    const interfaces = makeInterfaces();
    await makeVlans({ interfaces, log: silentLogger }, [vlan]);
    expect(interfaces.calls).toEqual(["up eth0 true", "vlan eth0.5 eth0 5", "up eth0.5 true"]);
  });

  test("may be there already, of an installation before", async () => {
    const interfaces = makeInterfaces("vlan", "EEXIST");
    await makeVlans({ interfaces, log: silentLogger }, [vlan]);
    expect(interfaces.calls.at(-1)).toBe("up eth0.5 true");
  });

  test("that cannot be made are E_NETWORK_SETUP", async () => {
    const interfaces = makeInterfaces("vlan", "ENOTSUP");
    await expect(makeVlans({ interfaces, log: silentLogger }, [vlan])).rejects.toMatchObject({
      code: "E_NETWORK_SETUP",
      message: "making eth0.5 for VLAN 5 on eth0",
    });
  });
});

test("lo first, then the others", async () => {
  const interfaces = makeInterfaces();
  await raiseInterfaces({ interfaces, log: silentLogger }, ["eth0", "eth1"]);
  expect(interfaces.calls).toEqual(["up lo true", "up eth0 true", "up eth1 true"]);
});

describe("what the kernel refuses is E_NETWORK_SETUP", () => {
  test.each([
    ["address", "setting eth0 to 10.0.0.2/24"],
    ["route", "routing by way of 10.0.0.1"],
  ])("%s", async (failing, message) => {
    const ports = { interfaces: makeInterfaces(failing), files: new MemoryFileSystem(), log: silentLogger };
    await expect(applyActiveInterface(ports, ACTIVE)).rejects.toMatchObject({
      code: "E_NETWORK_SETUP",
      message,
    });
  });

  test("lo", async () => {
    const ports = { interfaces: makeInterfaces("up lo"), log: silentLogger };
    await expect(raiseInterfaces(ports, [])).rejects.toMatchObject({
      code: "E_NETWORK_SETUP",
      message: "raising lo",
    });
  });
});
