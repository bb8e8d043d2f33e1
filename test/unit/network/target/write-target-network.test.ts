import { describe, expect, test } from "vitest";
import { type Logger, silentLogger } from "../../../../src/core/logger.ts";
import type { MachineNetwork } from "../../../../src/network/model.ts";
import type { RequestedRenderer } from "../../../../src/network/target/choose-renderer.ts";
import { writeTargetNetwork } from "../../../../src/network/target/write-target-network.ts";
import type { NetworkInterface } from "../../../../src/system/interfaces.ts";
import { MemoryFileSystem } from "../../../support/memory-file-system.ts";
import { createRecordingLogger } from "../../../support/recording-logger.ts";

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

async function write(
  files: MemoryFileSystem,
  network = NETWORK,
  renderer: RequestedRenderer = "auto",
  log: Logger = silentLogger,
): Promise<void> {
  await files.makeDirectory("/sys/class/net/eth0", { parents: true });
  await files.makeSymlink("../../../0000:00:03.0", "/sys/class/net/eth0/device");
  const interfaces = { hasCarrier: async () => true, setUp: async () => undefined };
  const options = { mountPoint: "/mnt", network, interfaces: [ETH0], renderer };
  await writeTargetNetwork({ files, interfaces, log }, options);
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

describe("an image without ifupdown", () => {
  const NETWORKD = {
    "/mnt/usr/lib/systemd/system/systemd-networkd.service": "",
    "/mnt/usr/lib/systemd/system/systemd-networkd-wait-online.service": "",
  };

  test("gets systemd-networkd's files and has it enabled, when that is all there is", async () => {
    const files = new MemoryFileSystem({ files: NETWORKD });
    await write(files);
    expect(await files.readText("/mnt/etc/systemd/network/20-eth0.network")).toContain(
      "Address=192.168.1.2/24\n",
    );
    expect(await files.readText("/mnt/etc/systemd/network/10-eth0.link")).toContain("Name=eth0\n");
    expect(await files.exists("/mnt/etc/udev")).toBe(false);
    expect(await files.exists("/mnt/etc/network")).toBe(false);
    const units = "/mnt/etc/systemd/system";
    const service = await files.readLink(`${units}/multi-user.target.wants/systemd-networkd.service`);
    expect(service.toString()).toBe("/usr/lib/systemd/system/systemd-networkd.service");
    const wait = `${units}/network-online.target.wants/systemd-networkd-wait-online.service`;
    expect((await files.lstat(wait)).type).toBe("symlink");
    // A unit that the image does not have is not linked.
    expect(await files.exists(`${units}/sockets.target.wants`)).toBe(false);
  });

  test("keeps the links that it has for systemd-networkd", async () => {
    const files = new MemoryFileSystem({ files: NETWORKD });
    await files.makeDirectory("/mnt/etc/systemd/system", { parents: true });
    await files.makeSymlink("/elsewhere", "/mnt/etc/systemd/system/dbus-org.freedesktop.network1.service");
    await write(files);
    const kept = await files.readLink("/mnt/etc/systemd/system/dbus-org.freedesktop.network1.service");
    expect(kept.toString()).toBe("/elsewhere");
  });

  test("gets keyfiles that only root can read, and names by udev rules, for NetworkManager", async () => {
    const files = new MemoryFileSystem({
      files: {
        "/mnt/usr/lib/systemd/system/NetworkManager.service": "",
        "/mnt/etc/systemd/system/multi-user.target.wants/NetworkManager.service": "",
      },
    });
    await write(files);
    const keyfile = "/mnt/etc/NetworkManager/system-connections/eth0.nmconnection";
    expect((await files.stat(keyfile)).permissions).toBe(0o600);
    expect(await files.readText("/mnt/etc/udev/rules.d/70-persistent-net.rules")).toContain('NAME="eth0"');
    expect(await files.exists("/mnt/etc/systemd/network")).toBe(false);
  });

  test("names the files of the image that netplan reads as well, and leaves them alone", async () => {
    const other = "/mnt/etc/netplan/50-cloud-init.yaml";
    const rules = "/mnt/etc/udev/rules.d/70-persistent-net.rules";
    const files = new MemoryFileSystem({
      files: {
        "/mnt/usr/sbin/netplan": "",
        [other]: "network: {}",
        [rules]: "#",
        "/mnt/etc/netplan/90-installer.yaml": "old",
      },
    });
    const log = createRecordingLogger();
    await write(files, NETWORK, "auto", log);
    expect(log.messages).toEqual([
      "eth0 is connected",
      "writing the network configuration for netplan",
      "/etc/netplan/50-cloud-init.yaml of the image may get in the way of the network configuration",
      "/etc/udev/rules.d/70-persistent-net.rules of the image may get in the way of the network configuration",
    ]);
    expect(await files.readText(other)).toBe("network: {}");
    expect(await files.readText("/mnt/etc/netplan/90-installer.yaml")).toContain("192.168.1.2/24");
    expect((await files.stat("/mnt/etc/netplan/90-installer.yaml")).permissions).toBe(0o600);
  });
});

test("-networkRenderer goes before what the image has", async () => {
  const files = new MemoryFileSystem({
    files: { "/mnt/usr/sbin/ifup": "", "/mnt/etc/network/interfaces": "image's own" },
  });
  const log = createRecordingLogger();
  await write(files, NETWORK, "networkd", log);
  expect(log.messages).toContain("systemd-networkd is absent in the image");
  expect(log.messages).toContain(
    "/etc/network/interfaces of the image may get in the way of the network configuration",
  );
  expect(await files.readText("/mnt/etc/systemd/network/20-eth0.network")).toContain("192.168.1.2/24");
  expect(await files.readText("/mnt/etc/network/interfaces")).toBe("image's own");
  expect(await files.exists("/mnt/etc/systemd/system")).toBe(false);
});

test("a link in place of the directory of netplan's files is refused", async () => {
  const files = new MemoryFileSystem({
    files: { "/mnt/usr/sbin/netplan": "", "/mnt/etc/": "", "/outside/a.yaml": "" },
  });
  await files.makeSymlink("/outside", "/mnt/etc/netplan");
  await expect(write(files)).rejects.toMatchObject({
    code: "E_NETWORK_WRITE",
    cause: { message: "/mnt/etc/netplan is a symlink" },
  });
  expect(await files.readDirectoryText("/outside")).toEqual(["a.yaml"]);
});
