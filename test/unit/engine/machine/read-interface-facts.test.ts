import { expect, test } from "vitest";
import { readInterfaceFacts } from "../../../../src/engine/machine/read-interface-facts.ts";
import type { NetworkInterface } from "../../../../src/system/interfaces.ts";
import { systemError } from "../../../../src/system/system-error.ts";
import { FakeInterfaces } from "../../../support/fake-host.ts";
import { MemoryFileSystem } from "../../../support/memory-file-system.ts";

function entry(name: string, changes: Partial<NetworkInterface> = {}): NetworkInterface {
  return {
    name,
    macAddress: "52:54:00:12:34:56",
    isUp: true,
    isBroadcast: true,
    isPhysical: true,
    hasCarrier: true,
    mtu: 1500,
    ...changes,
  };
}

const FILES = new MemoryFileSystem({
  files: {
    "/sys/class/net/eth0/speed": "10000\n",
    "/sys/class/net/eth1/speed": "1000\n",
    "/sys/class/net/virt/speed": "-1\n",
  },
});

test("interfaces with their links and addresses, without the loopback one", async () => {
  const interfaces = new FakeInterfaces([
    entry("eth0"),
    entry("eth1", { isUp: false, hasCarrier: false }),
    entry("lo", { isPhysical: false }),
    entry("virt", { isPhysical: false, mtu: 9000 }),
  ]);
  await interfaces.setAddress("eth0", "192.0.2.7", 24);
  const shared = {
    macAddress: "52:54:00:12:34:56",
    isUp: true,
    hasCarrier: true,
    mtu: 1500,
    isPhysical: true,
  };
  expect(await readInterfaceFacts(interfaces, FILES, "/sys")).toEqual([
    { ...shared, name: "eth0", speedBps: 10_000_000_000, addresses: ["192.0.2.7/24"] },
    { ...shared, name: "eth1", isUp: false, hasCarrier: false, speedBps: 0, addresses: [] },
    { ...shared, name: "virt", isPhysical: false, mtu: 9000, speedBps: 0, addresses: [] },
  ]);
});

test("an interface that vanished meanwhile has no addresses; no interfaces at all are no error", async () => {
  const vanishing = {
    list: async () => [entry("eth0")],
    listAddresses: async () => Promise.reject(systemError("ENODEV", "ioctl")),
  };
  expect(await readInterfaceFacts(vanishing, FILES, "/sys")).toMatchObject([{ name: "eth0", addresses: [] }]);
  const broken = { ...vanishing, list: async () => Promise.reject(systemError("EACCES", "scandir")) };
  expect(await readInterfaceFacts(broken, FILES, "/sys")).toEqual([]);
});
