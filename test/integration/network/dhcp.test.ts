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

test("a server that answers to the offered address, in spite of the broadcast flag, is heard", async () => {
  const lab = stack.use(await NetworkLab.create(1));
  await lab.startScript("unicast-dhcp-server.ts", "s0", "10.55.0.1", "10.55.0.77");
  const { value, durationMs } = await lab.runClient("dhcp-client.ts", {
    interfaces: ["c0"],
    timeoutMs: 20_000,
  });
  expect(value).toMatchObject({ address: "10.55.0.77", router: "10.55.0.1", leaseSeconds: 3600 });
  expect(durationMs).toBeLessThan(5000);
});

test("interface MTU, classless routes and search domains are asked for", async () => {
  const lab = stack.use(await NetworkLab.create(1));
  await lab.startDnsmasq(
    "--dhcp-range=10.55.0.100,10.55.0.110,255.255.255.0,1h",
    "--dhcp-option=26,9000",
    "--dhcp-option=option:domain-search,eng.example.com,sales.example.com,example.com",
    "--dhcp-option=121,0.0.0.0/0,10.55.0.254,172.16.0.0/12,10.55.0.2,10.99.0.1/32,0.0.0.0",
  );
  const { value } = await lab.runClient("dhcp-client.ts", { interfaces: ["c0"], timeoutMs: 20_000 });
  expect(value).toMatchObject({
    mtu: 9000,
    searchDomains: ["eng.example.com", "sales.example.com", "example.com"],
    router: "10.55.0.254",
    routes: [
      { destination: "172.16.0.0", prefixLength: 12, gateway: "10.55.0.2" },
      { destination: "10.99.0.1", prefixLength: 32, gateway: "0.0.0.0" },
    ],
    serverIdentifier: "10.55.0.1",
  });
});

test("a lease is renewed by its server while it is needed", async () => {
  const lab = stack.use(await NetworkLab.create(1));
  await lab.startDnsmasq(
    "--dhcp-range=10.55.0.100,10.55.0.110,255.255.255.0,2m",
    "--dhcp-option=option:T1,3",
    "--dhcp-option=option:T2,100",
  );
  const { log, message } = await lab.runClient("lease-keeper-client.ts", {
    interfaceName: "c0",
    keepMs: 8000,
  });
  expect(message).toBeUndefined();
  const renewals = log?.filter((line) => /c0: the lease of 10\.55\.0\.1\d\d was renewed/.test(line)) ?? [];
  expect(renewals.length).toBeGreaterThanOrEqual(2);
});

test("a lease whose server does not hear unicast requests is extended by broadcast", async () => {
  const lab = stack.use(await NetworkLab.create(1));
  await lab.startDnsmasq(
    "--dhcp-range=10.55.0.100,10.55.0.110,255.255.255.0,2m",
    "--dhcp-option=option:T1,3",
    "--dhcp-option=option:T2,5",
  );
  // Unicast requests do not arrive; broadcast ones, as in the state REBINDING, do.
  await lab.onServer("nft", "add table inet lab");
  await lab.onServer("nft", "add chain inet lab in { type filter hook input priority 0; }");
  await lab.onServer("nft", "add rule inet lab in udp dport 67 ip daddr 10.55.0.1 drop");
  const { log } = await lab.runClient("lease-keeper-client.ts", { interfaceName: "c0", keepMs: 9000 });
  expect(log?.join("\n")).toMatch(/c0: the lease of 10\.55\.0\.1\d\d was renewed/);
});

test("packets that are no answers, and much of them, do not get in the way", async () => {
  const lab = stack.use(await NetworkLab.create(1));
  await lab.startScript("babbler.ts", "10.55.0.255");
  await lab.startDnsmasq("--dhcp-range=10.55.0.100,10.55.0.110,255.255.255.0,1h", "--dhcp-boot=x,,10.55.0.1");
  const { value } = await lab.runClient("dhcp-client.ts", { interfaces: ["c0"], timeoutMs: 30_000 });
  expect(value).toMatchObject({ interfaceName: "c0", router: "10.55.0.1" });
});
