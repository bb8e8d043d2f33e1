import { describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/core/logger.ts";
import {
  type ActiveInterface,
  applyActiveInterface,
  planFromChoice,
  planFromLease,
  raiseInterfaces,
} from "../../../src/network/bring-up.ts";
import type { DhcpLease } from "../../../src/network/dhcp/lease.ts";
import { MemoryFileSystem } from "../../support/memory-file-system.ts";

const LEASE: DhcpLease = {
  interfaceName: "eth0",
  address: "10.0.0.2",
  prefixLength: 24,
  maskIsGuessed: false,
  router: "10.0.0.1",
  nameServers: ["10.0.0.53"],
  domainName: "a.example b.example",
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
function makeInterfaces(failing = "") {
  const calls: string[] = [];
  const call = async (text: string): Promise<void> => {
    calls.push(text);
    if (failing !== "" && text.startsWith(failing))
      throw Object.assign(new Error("EPERM"), { code: "EPERM" });
  };
  return {
    calls,
    setUp: (name: string, up: boolean) => call(`up ${name} ${up}`),
    setAddress: (name: string, address: string, length: number) =>
      call(`address ${name} ${address}/${length}`),
    setDefaultGateway: (gateway: string) => call(`route ${gateway}`),
  };
}

test("a lease becomes a set-up", () => {
  expect(planFromLease(LEASE)).toEqual(ACTIVE);
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
