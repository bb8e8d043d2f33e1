import { beforeAll, describe, expect, test, vi } from "vitest";
import { expectedDigests, furtherNames, makeConfigurationFolder } from "../support/configuration-folder.ts";
import { DHCP_SERVERS, prepareLabServers, TFTP_SERVERS } from "../support/lab-servers.ts";
import { loseUdpPackets } from "../support/link-conditions.ts";
import { NetworkLab } from "../support/network-lab.ts";

// The pairings wait most of the time, for packets that were lost.
vi.setConfig({ maxConcurrency: 12, testTimeout: 240_000 });

const PAIRINGS = Object.keys(DHCP_SERVERS).flatMap((dhcp) =>
  Object.keys(TFTP_SERVERS).map((tftp) => [dhcp, tftp] as const),
);

beforeAll(prepareLabServers);

describe.concurrent("all files arrive intact though 5 % of the packets are lost each way", () => {
  test.each(PAIRINGS)("address from %s, files from %s", async (dhcp, tftp) => {
    await using lab = await NetworkLab.create(1);
    const folder = await makeConfigurationFolder(lab.directory);
    await TFTP_SERVERS[tftp]?.(lab, folder.path);
    await DHCP_SERVERS[dhcp]?.(lab);
    await loseUdpPackets(lab);
    const names = furtherNames(folder);
    const { value, message, log } = await lab.runMachine({
      interfaces: ["c0"],
      furtherFiles: { host: "10.55.0.1", names },
      limitMs: 200_000,
    });
    expect(message, log?.join("\n")).toBeUndefined();
    expect(value?.["digests"]).toEqual(expectedDigests(folder, names));
    expect(log).toContain(`copied ${folder.randomSeedBytes} bytes of random data`);
    expect(value).toMatchObject({
      active: { interfaceName: "c0", gateway: "10.55.0.1", domainName: "lab.example.com" },
      configuration: { machine: { hostname: "host7" }, imageName: "debian/13", warnings: [] },
      resolvConf: expect.stringContaining("nameserver 10.55.0.53\n"),
    });
  });
});
