import { expect, test } from "vitest";
import type { NetworkSoftware } from "../../../../src/network/target/choose-renderer.ts";
import { findNetworkSoftware } from "../../../../src/network/target/find-software.ts";
import { MemoryFileSystem } from "../../../support/memory-file-system.ts";

const NOTHING: NetworkSoftware = {
  ifupdown: false,
  netplan: false,
  networkd: "absent",
  networkManager: "absent",
};

async function find(
  paths: readonly string[],
  links: Readonly<Record<string, string>> = {},
): Promise<NetworkSoftware> {
  const files = new MemoryFileSystem({
    files: Object.fromEntries(paths.map((path) => [`/mnt/${path}`, ""])),
  });
  for (const [path, target] of Object.entries(links)) {
    await files.makeDirectory(`/mnt/${path.slice(0, path.lastIndexOf("/"))}`, { parents: true });
    await files.makeSymlink(target, `/mnt/${path}`);
  }
  return findNetworkSoftware(files, "/mnt");
}

test("an empty image has nothing", async () => {
  expect(await find([""])).toEqual(NOTHING);
});

test("ifupdown takes its program and its directory", async () => {
  expect(await find(["usr/sbin/ifup", "etc/network/"])).toEqual({ ...NOTHING, ifupdown: true });
  expect(await find(["sbin/ifup", "etc/network/"])).toEqual({ ...NOTHING, ifupdown: true });
  expect(await find(["usr/sbin/ifup"])).toEqual(NOTHING);
  expect(await find(["etc/network/"])).toEqual(NOTHING);
});

test("a program that is a link counts, as in images with BusyBox", async () => {
  expect(await find(["etc/network/"], { "sbin/ifup": "/bin/busybox" })).toEqual({
    ...NOTHING,
    ifupdown: true,
  });
});

test("netplan is its program", async () => {
  expect(await find(["usr/sbin/netplan"])).toEqual({ ...NOTHING, netplan: true });
});

test("a service is disabled until something wants it", async () => {
  const units = [
    "lib/systemd/system/systemd-networkd.service",
    "usr/lib/systemd/system/NetworkManager.service",
  ];
  expect(await find(units)).toEqual({ ...NOTHING, networkd: "disabled", networkManager: "disabled" });
  const wants = "etc/systemd/system/multi-user.target.wants";
  const links = {
    [`${wants}/systemd-networkd.service`]: "/lib/systemd/system/systemd-networkd.service",
    [`${wants}/NetworkManager.service`]: "/usr/lib/systemd/system/NetworkManager.service",
  };
  expect(await find(units, links)).toEqual({ ...NOTHING, networkd: "enabled", networkManager: "enabled" });
});

test("a masked service is not enabled, whoever wants it", async () => {
  const links = {
    "etc/systemd/system/systemd-networkd.service": "/dev/null",
    "etc/systemd/system/multi-user.target.wants/systemd-networkd.service": "/lib/x",
  };
  const units = ["usr/lib/systemd/system/systemd-networkd.service"];
  expect(await find(units, links)).toEqual({ ...NOTHING, networkd: "masked" });
});

test("a link to a directory is not followed: it may lead out of the image", async () => {
  const files = new MemoryFileSystem({ files: { "/usr/sbin/netplan": "", "/mnt/": "" } });
  await files.makeSymlink("/usr", "/mnt/usr");
  expect(await findNetworkSoftware(files, "/mnt")).toEqual(NOTHING);
});
