import { describe, expect, test } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import type { MachineNetwork } from "../../../../src/network/model.ts";
import { writeTargetNetwork } from "../../../../src/network/target/write-target-network.ts";
import type { NetworkInterface } from "../../../../src/system/interfaces.ts";
import { MemoryFileSystem } from "../../../support/memory-file-system.ts";

const NETWORK: MachineNetwork = {
  hostname: "Host7.example.com",
  gatewaySubnetId: "",
  entries: [
    {
      hostname: "",
      ipAddress: "192.168.1.2",
      macAddress: "de:ad:be:ef:00:00",
      subnetId: "",
      vlanTrunk: false,
    },
  ],
  subnets: [
    {
      id: "Lab",
      gateway: "192.168.1.1",
      mask: "255.255.255.0",
      domainName: "",
      nameServers: ["10.0.0.53"],
      manage: false,
      vlanId: 0,
    },
  ],
};

const ETH0: NetworkInterface = {
  name: "eth0",
  macAddress: "de:ad:be:ef:00:00",
  isUp: true,
  isBroadcast: true,
  isPhysical: true,
  hasCarrier: true,
  mtu: 1500,
};

async function write(files: MemoryFileSystem, network = NETWORK): Promise<void> {
  await files.makeDirectory("/sys/class/net/eth0", { parents: true });
  await files.makeSymlink("../../../0000:00:03.0", "/sys/class/net/eth0/device");
  const interfaces = { hasCarrier: async () => true, setUp: async () => undefined };
  const options = { mountPoint: "/mnt", network, interfaces: [ETH0] };
  await writeTargetNetwork({ files, interfaces, log: silentLogger }, options);
}

test("missing directories are made, files are 0644", async () => {
  const files = new MemoryFileSystem({ files: { "/mnt/": "" } });
  await write(files);
  expect(await files.readText("/mnt/etc/hostname")).toBe("Host7\n");
  expect(await files.readText("/mnt/etc/network/interfaces")).toContain("iface eth0 inet static");
  expect(await files.readText("/mnt/etc/udev/rules.d/70-persistent-net.rules")).toContain('NAME="eth0"');
  expect((await files.stat("/mnt/etc/resolv.conf")).permissions).toBe(0o644);
});

test("a link in place of resolv.conf is replaced, not followed", async () => {
  const files = new MemoryFileSystem({ files: { "/mnt/etc/": "", "/run/stub.conf": "the installer's own" } });
  await files.makeSymlink("/run/stub.conf", "/mnt/etc/resolv.conf");
  await write(files);
  expect((await files.lstat("/mnt/etc/resolv.conf")).type).toBe("file");
  expect(await files.readText("/run/stub.conf")).toBe("the installer's own");
});

test("a link in place of a directory is refused", async () => {
  const files = new MemoryFileSystem({ files: { "/mnt/etc/": "", "/outside/": "" } });
  await files.makeSymlink("/outside", "/mnt/etc/network");
  await expect(write(files)).rejects.toMatchObject({
    code: "E_NETWORK_WRITE",
    message: "writing /mnt/etc/network/interfaces",
    cause: { message: "/mnt/etc/network is a symlink" },
  });
  expect(await files.readDirectoryText("/outside")).toEqual([]);
});

describe("nothing is written when the plan is refused", () => {
  test.each([
    ["no entry fits", { ...NETWORK, subnets: [] }],
    ["an unknown gateway subnet", { ...NETWORK, gatewaySubnetId: "Elsewhere" }],
  ])("%s", async (_what, network) => {
    const files = new MemoryFileSystem({ files: { "/mnt/etc/": "" } });
    await expect(write(files, network)).rejects.toMatchObject({ code: "E_NETWORK_PLAN" });
    expect(await files.readDirectoryText("/mnt/etc")).toEqual([]);
  });
});
