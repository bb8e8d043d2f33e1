import { afterEach, expect, test } from "vitest";
import { NetworkLab } from "../support/network-lab.ts";

let stack = new AsyncDisposableStack();
afterEach(async () => {
  await stack.disposeAsync();
  stack = new AsyncDisposableStack();
});

test("a lease with everything that an installation needs, on an interface without an address", async () => {
  const lab = stack.use(await NetworkLab.create(1));
  await lab.startDnsmasq(
    "--dhcp-range=10.55.0.100,10.55.0.110,255.255.255.0,1h",
    "--dhcp-option=3,10.55.0.1,10.55.0.254",
    "--dhcp-option=6,10.55.0.53,10.55.0.54",
    "--dhcp-option=15,lab.example.com",
    "--dhcp-option=66,tftp.lab.example.com",
    "--dhcp-option=150,10.55.0.9",
    "--dhcp-boot=pxelinux.0,,10.55.0.1",
  );
  const { value } = await lab.runClient("dhcp-client.ts", { interfaces: ["c0"], timeoutMs: 20_000 });
  expect(value).toMatchObject({
    interfaceName: "c0",
    address: expect.stringMatching(/^10\.55\.0\.1\d\d$/),
    prefixLength: 24,
    maskIsGuessed: false,
    router: "10.55.0.1",
    nameServers: ["10.55.0.53", "10.55.0.54"],
    domainName: "lab.example.com",
    nextServer: "10.55.0.1",
    // This server counts the final NUL into the value.
    tftpServerName: "tftp.lab.example.com\0",
    tftpServerAddresses: ["10.55.0.9"],
    leaseSeconds: 3600,
  });
});

test("of two interfaces the one that is answered wins, quickly", async () => {
  const lab = stack.use(await NetworkLab.create(2));
  await lab.startDnsmasq(
    "--interface=s1",
    "--dhcp-range=10.55.1.100,10.55.1.110,255.255.255.0,1h",
    "--dhcp-boot=x,,10.55.1.1",
  );
  const request = { interfaces: ["c0", "c1"], timeoutMs: 20_000 };
  const { value, durationMs } = await lab.runClient("dhcp-client.ts", request);
  expect(value).toMatchObject({ interfaceName: "c1", router: "10.55.1.1" });
  expect(durationMs).toBeLessThan(10_000);
});

test("an interface without carrier does not keep the other from being used", async () => {
  const lab = stack.use(await NetworkLab.create(2));
  await lab.onServer("ip", "link", "set", "s0", "down");
  await lab.startDnsmasq("--interface=s1", "--dhcp-range=10.55.1.100,10.55.1.110,255.255.255.0,1h");
  const { value, log } = await lab.runClient("dhcp-client.ts", {
    interfaces: ["c0", "c1"],
    timeoutMs: 20_000,
  });
  expect(value).toMatchObject({ interfaceName: "c1" });
  expect(log).toContain("c0: waiting for carrier");
});

test("only one of two answered interfaces takes an address", async () => {
  const lab = stack.use(await NetworkLab.create(2));
  await lab.startDnsmasq(
    "--dhcp-range=10.55.0.100,10.55.0.110,255.255.255.0,1h",
    "--dhcp-range=10.55.1.100,10.55.1.110,255.255.255.0,1h",
    "--dhcp-boot=x,,10.55.0.1",
  );
  await lab.runClient("dhcp-client.ts", { interfaces: ["c0", "c1"], timeoutMs: 20_000 });
  const leases = await lab.onServer("cat", `${lab.directory}/leases`);
  expect(leases.trim().split("\n")).toHaveLength(1);
});

test("an answer without a router is reported and not used", async () => {
  const lab = stack.use(await NetworkLab.create(1));
  await lab.startDnsmasq("--dhcp-range=10.55.0.100,10.55.0.110,255.255.255.0,1h", "--dhcp-option=3");
  const { code, log } = await lab.runClient("dhcp-client.ts", { interfaces: ["c0"], timeoutMs: 4000 });
  expect(code).toBe("E_DHCP_TIMEOUT");
  expect(log?.join("\n")).toMatch(/c0: ignoring response: 10\.55\.0\.1\d\d with no valid router address/);
});

test("nobody answers", async () => {
  const lab = stack.use(await NetworkLab.create(1));
  const { code } = await lab.runClient("dhcp-client.ts", { interfaces: ["c0"], timeoutMs: 3000 });
  expect(code).toBe("E_DHCP_TIMEOUT");
});

test("lost packets are sent again", async () => {
  const lab = stack.use(await NetworkLab.create(1));
  // The first DISCOVER and the first REQUEST do not arrive.
  await lab.onServer("nft", "add table inet lab");
  await lab.onServer("nft", "add chain inet lab in { type filter hook input priority 0; }");
  await lab.onServer("nft", "add rule inet lab in udp dport 67 numgen inc mod 2 == 0 drop");
  await lab.startDnsmasq("--dhcp-range=10.55.0.100,10.55.0.110,255.255.255.0,1h", "--dhcp-boot=x,,10.55.0.1");
  const { value } = await lab.runClient("dhcp-client.ts", { interfaces: ["c0"], timeoutMs: 30_000 });
  expect(value).toMatchObject({ interfaceName: "c0", router: "10.55.0.1" });
});
