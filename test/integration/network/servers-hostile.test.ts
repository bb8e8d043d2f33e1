import { readdir } from "node:fs/promises";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { expectedDigests, makeConfigurationFolder } from "../support/configuration-folder.ts";
import { DHCP_SERVERS, prepareLabServers, TFTP_SERVERS } from "../support/lab-servers.ts";
import { clearBroadcastFlag, countBroadcastAnswers } from "../support/link-conditions.ts";
import { NetworkLab } from "../support/network-lab.ts";

vi.setConfig({ maxConcurrency: 6, testTimeout: 200_000 });

beforeAll(prepareLabServers);

describe.concurrent("servers that are of no use", () => {
  test("a decoy without configuration on the same wire answers first", async () => {
    await using lab = await NetworkLab.create(1);
    await lab.addSwitch(0);
    const folder = await makeConfigurationFolder(lab.directory);
    await TFTP_SERVERS["dnsmasq"]?.(lab, folder.path);
    const decoy = await lab.addStation(0, "10.55.0.66/24");
    await lab.startDnsmasqIn(decoy, "--dhcp-range=10.55.0.200,10.55.0.210,255.255.255.0,1h");
    await lab.startDnsmasq(
      "--dhcp-range=10.55.0.100,10.55.0.110,255.255.255.0,1h",
      "--dhcp-boot=pxelinux.0,,10.55.0.1",
      // So that it comes second: seconds that the client says it has been trying.
      "--dhcp-reply-delay=1",
    );
    const { value, message, log } = await lab.runMachine({ interfaces: ["c0"] });
    expect(message, log?.join("\n")).toBeUndefined();
    expect(value?.["digests"]).toEqual(expectedDigests(folder, []));
    expect(value).toMatchObject({ active: { address: expect.stringMatching(/^10\.55\.0\.1\d\d$/) } });
    expect(log?.join("\n")).toMatch(/DHCP server 10\.55\.0\.66/);
  });

  test("a decoy without configuration on another interface answers first", async () => {
    await using lab = await NetworkLab.create(2);
    const folder = await makeConfigurationFolder(lab.directory);
    await TFTP_SERVERS["dnsmasq"]?.(lab, folder.path);
    await lab.addSwitch(0);
    const decoy = await lab.addStation(0, "10.55.0.66/24");
    await lab.startDnsmasqIn(decoy, "--dhcp-range=10.55.0.200,10.55.0.210,255.255.255.0,1h");
    await lab.startDnsmasq(
      "--interface=s1",
      "--dhcp-range=10.55.1.100,10.55.1.110,255.255.255.0,1h",
      "--dhcp-boot=pxelinux.0,,10.55.1.1",
      "--dhcp-reply-delay=1",
    );
    const { value, message, log } = await lab.runMachine({ interfaces: ["c0", "c1"] });
    expect(message, log?.join("\n")).toBeUndefined();
    expect(value?.["digests"]).toEqual(expectedDigests(folder, []));
    expect(value).toMatchObject({ active: { interfaceName: "c1", gateway: "10.55.1.1" } });
    expect(log?.join("\n")).toMatch(/DHCP server 10\.55\.0\.66/);
  });

  test("a DHCP server that answers garbage does not keep another from being heard", async () => {
    await using lab = await NetworkLab.create(1);
    await lab.addSwitch(0);
    const folder = await makeConfigurationFolder(lab.directory);
    await TFTP_SERVERS["dnsmasq"]?.(lab, folder.path);
    const garbage = await lab.addStation(0, "10.55.0.66/24");
    await lab.startScriptIn(garbage, "garbage-dhcp-server.ts");
    await lab.startDnsmasq(
      "--dhcp-range=10.55.0.100,10.55.0.110,255.255.255.0,1h",
      "--dhcp-boot=pxelinux.0,,10.55.0.1",
      "--dhcp-reply-delay=1",
    );
    const { value, message, log } = await lab.runMachine({ interfaces: ["c0"] });
    expect(message, log?.join("\n")).toBeUndefined();
    expect(value?.["digests"]).toEqual(expectedDigests(folder, []));
    expect(value).toMatchObject({ active: { gateway: "10.55.0.1" } });
    // It was heard, and looked at.
    expect(log).toContain("c0: ignoring response: 10.55.0.99 with no valid router address");
    expect(log).toContain("c0: ignoring offer: 10.55.0.99 with no server identifier");
  });

  test("a TFTP server that never ends its files costs little memory, and nothing is stored", async () => {
    await using lab = await NetworkLab.create(1);
    await DHCP_SERVERS["dnsmasq"]?.(lab);
    await lab.startScript("hostile-tftp-server.ts", "endless-window");
    const { code, message, log, peakBytes } = await lab.runMachine({
      interfaces: ["c0"],
      flags: ["--dhcpTimeout=5s"],
    });
    expect(code, log?.join("\n")).toBe("E_CONFIG_FETCH");
    expect(message).toContain("more than the limit of 4194304");
    expect(peakBytes).toBeLessThan(300 * 1024 * 1024);
    expect(await readdir(lab.directory)).not.toContain("tftpdata");
  });

  test("a configuration that names files elsewhere writes nowhere else", async () => {
    await using lab = await NetworkLab.create(1);
    const folder = await makeConfigurationFolder(lab.directory, "../../../host7");
    await TFTP_SERVERS["dnsmasq"]?.(lab, folder.path);
    await DHCP_SERVERS["dnsmasq"]?.(lab);
    const before = await readdir(lab.directory);
    await lab.runMachine({ interfaces: ["c0"] });
    const made = (await readdir(lab.directory)).filter((name) => !before.includes(name));
    expect(made.toSorted()).toEqual(["etc", "tftpdata", "tftpdata.fetched"]);
    expect((await readdir(`${lab.directory}/tftpdata`)).toSorted()).toEqual(
      Object.keys(expectedDigests(folder, [])).toSorted(),
    );
    expect(await readdir(`${lab.directory}/etc`)).toEqual(["resolv.conf"]);
  });
});

describe.concurrent("servers that do not broadcast", () => {
  test("dnsmasq answers the address that the machine does not have yet", async () => {
    await using lab = await NetworkLab.create(1);
    const folder = await makeConfigurationFolder(lab.directory);
    await TFTP_SERVERS["dnsmasq"]?.(lab, folder.path);
    await clearBroadcastFlag(lab);
    await DHCP_SERVERS["dnsmasq"]?.(lab);
    const { value, message, log } = await lab.runMachine({ interfaces: ["c0"], limitMs: 30_000 });
    expect(message, log?.join("\n")).toBeUndefined();
    expect(value?.["digests"]).toEqual(expectedDigests(folder, []));
    expect(await countBroadcastAnswers(lab)).toBe(0);
  });
});
