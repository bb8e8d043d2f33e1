import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeConfigurationFolder } from "../support/configuration-folder.ts";
import { type ClientResult, NetworkLab } from "../support/network-lab.ts";

/** Runs the machine with `commandLine` as its /proc/cmdline. */
async function boot(lab: NetworkLab, commandLine: string, pairs: number): Promise<ClientResult> {
  const procDirectory = join(lab.directory, "proc");
  await mkdir(procDirectory);
  await writeFile(join(procDirectory, "cmdline"), `${commandLine}\n`);
  const interfaces = Array.from({ length: pairs }, (_, index) => `c${index}`);
  return lab.runMachine({ interfaces, flags: [`--procDirectory=${procDirectory}`], limitMs: 40_000 });
}

test("a machine with a fixed address loads its configuration from the boot server of ip=, without DHCP", async () => {
  await using lab = await NetworkLab.create(2);
  const folder = await makeConfigurationFolder(lab.directory);
  // A link of which one end takes less than the other sends loses what is in between.
  await lab.onServer("ip", "link", "set", "s1", "mtu", "1400");
  await lab.startDnsmasq("--enable-tftp", `--tftp-root=${folder.path}`);
  const line = "quiet ip=10.55.1.7:10.55.1.1:10.55.1.1:24:Web7.example:c1:none:1400 nameserver=10.55.1.53";
  const { value, message, log } = await boot(lab, `${line} rd.route=10.77.0.0/16:10.55.1.3`, 2);
  expect(message, log?.join("\n")).toBeUndefined();
  expect(value).toMatchObject({
    active: { interfaceName: "c1", address: "10.55.1.7" },
    configuration: { machine: { hostname: "host7" }, imageName: "debian/13" },
    hostname: "web7",
    resolvConf: expect.stringMatching(/nameserver 10\.55\.1\.53\n$/),
  });
  expect(log).toContain("tftpServer from ip= of the kernel command-line: 10.55.1.1");
  expect(log?.join("\n")).not.toContain("DHCP");
  const routes = await lab.onClient("ip", "-4", "route", "show");
  expect(routes).toContain("default via 10.55.1.1 dev c1");
  expect(routes).toContain("10.77.0.0/16 via 10.55.1.3 dev c1");
  expect(await lab.onClient("cat", "/sys/class/net/c1/mtu")).toBe("1400\n");
});

test("an address of its own (/32) reaches a gateway outside its subnet", async () => {
  await using lab = await NetworkLab.create(1);
  const folder = await makeConfigurationFolder(lab.directory);
  await lab.startDnsmasq("--enable-tftp", `--tftp-root=${folder.path}`);
  await lab.onServer("ip", "route", "add", "192.0.2.7/32", "dev", "s0");
  const { value, message, log } = await boot(lab, "ip=192.0.2.7:10.55.0.1:10.55.0.1:32::c0:none", 1);
  expect(message, log?.join("\n")).toBeUndefined();
  expect(value).toMatchObject({ configuration: { imageName: "debian/13" } });
  const routes = await lab.onClient("ip", "-4", "route", "show");
  expect(
    routes
      .trim()
      .split("\n")
      .map((route) => route.trim())
      .toSorted(),
  ).toEqual(["10.55.0.1 dev c0 scope link", "default via 10.55.0.1 dev c0"]);
});

test("routes (option 121), MTU (26) and search domains (119) of a lease are set up, with those of the kernel command line", async () => {
  await using lab = await NetworkLab.create(1);
  const folder = await makeConfigurationFolder(lab.directory);
  await lab.onServer("ip", "link", "set", "s0", "mtu", "1400");
  await lab.startDnsmasq(
    "--dhcp-range=10.55.0.100,10.55.0.110,255.255.255.0,1h",
    "--dhcp-option=6,10.55.0.53",
    "--dhcp-option=26,1400",
    "--dhcp-option=119,lab.example.com,example.com",
    "--dhcp-option=121,10.66.0.0/16,10.55.0.3,203.0.113.0/24,0.0.0.0,10.67.0.0/16,203.0.113.9,0.0.0.0/0,10.55.0.1",
    "--dhcp-boot=pxelinux.0,,10.55.0.1",
    "--enable-tftp",
    `--tftp-root=${folder.path}`,
  );
  const line = "ip=c0:dhcp nameserver=10.55.0.54 rd.route=10.77.0.0/16:10.55.0.3";
  const { value, message, log } = await boot(lab, line, 1);
  expect(message, log?.join("\n")).toBeUndefined();
  expect(value).toMatchObject({
    resolvConf: expect.stringContaining(
      "search lab.example.com example.com\n\nnameserver 10.55.0.54\nnameserver 10.55.0.53\n",
    ),
  });
  expect(await lab.onClient("cat", "/sys/class/net/c0/mtu")).toBe("1400\n");
  const routes = await lab.onClient("ip", "-4", "route", "show");
  for (const route of [
    "default via 10.55.0.1 dev c0",
    "10.66.0.0/16 via 10.55.0.3 dev c0",
    "10.67.0.0/16 via 203.0.113.9 dev c0",
    "10.77.0.0/16 via 10.55.0.3 dev c0",
    "203.0.113.0/24 dev c0 scope link",
  ])
    expect(routes).toContain(route);
});

test("DHCP is only tried where the kernel command line says", async () => {
  await using lab = await NetworkLab.create(2);
  const folder = await makeConfigurationFolder(lab.directory);
  await lab.startDnsmasq(
    "--dhcp-range=10.55.0.100,10.55.0.110,255.255.255.0,1h",
    "--dhcp-range=10.55.1.100,10.55.1.110,255.255.255.0,1h",
    "--enable-tftp",
    `--tftp-root=${folder.path}`,
  );
  const { value, message, log } = await boot(lab, "ip=c1:dhcp", 2);
  expect(message, log?.join("\n")).toBeUndefined();
  expect(value).toMatchObject({ active: { interfaceName: "c1" } });
  expect(log).toContain("requesting an address by DHCP on: c1");
});

test("a mistake on the kernel command line is named at once", async () => {
  await using lab = await NetworkLab.create(1);
  const { code, message } = await boot(lab, "ip=10.55.0.7::10.55.0.1:24::c7:none", 1);
  expect(code).toBe("E_KERNEL_ARGUMENT");
  expect(message).toContain('"ip=10.55.0.7::10.55.0.1:24::c7:none": this machine has no interface c7');
});
