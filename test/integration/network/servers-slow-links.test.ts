import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { expectedDigests, makeConfigurationFolder } from "../support/configuration-folder.ts";
import { prepareLabServers, TFTP_SERVERS } from "../support/lab-servers.ts";
import { limitRate, portForwardsAtMs, setCable } from "../support/link-conditions.ts";
import { type ClientResult, NetworkLab } from "../support/network-lab.ts";

// They wait most of the time, each in namespaces of its own.
vi.setConfig({ maxConcurrency: 8, testTimeout: 240_000 });

const PULLED_MS = 60_000;
/** From the moment at which the path to the servers opens to a checked configuration of about 1 MiB. */
const LOADED_WITHIN_MS = 2000;

beforeAll(prepareLabServers);

async function startDhcp(lab: NetworkLab, index: number): Promise<void> {
  const network = `10.55.${index}`;
  await lab.startDnsmasq(
    `--dhcp-range=${network}.100,${network}.110,255.255.255.0,1h`,
    `--dhcp-boot=pxelinux.0,,${network}.1`,
  );
}

/** Pulls the cable once the client has got some bytes; a client that ends before is a failure. */
async function pullCable(
  lab: NetworkLab,
  afterBytes: number,
  client: Promise<ClientResult>,
): Promise<ClientResult> {
  let ended = false;
  const end = (): void => void (ended = true);
  client.then(end, end);
  while (!ended && (await lab.bytesToClient()) < afterBytes) await sleep(50);
  if (!ended) {
    await setCable(lab, 0, false);
    await sleep(PULLED_MS);
    await setCable(lab, 0, true);
  }
  const result = await client;
  expect(result.message, result.log?.join("\n")).toBeUndefined();
  expect(result.durationMs).toBeGreaterThan(PULLED_MS);
  return result;
}

describe.concurrent("links that are slow or fail for a while", () => {
  test("of three interfaces only the one that has carrier after 20 s has the answer", async () => {
    await using lab = await NetworkLab.create(3);
    const folder = await makeConfigurationFolder(lab.directory);
    await TFTP_SERVERS["dnsmasq"]?.(lab, folder.path);
    await startDhcp(lab, 2);
    await setCable(lab, 2, false);
    const machine = lab.runMachine({ interfaces: ["c0", "c1", "c2"] });
    const plug = async (): Promise<number> => {
      await sleep(20_000);
      await setCable(lab, 2, true);
      return Date.now();
    };
    const [{ value, message, log }, pluggedAtMs] = await Promise.all([machine, plug()]);
    expect(message, log?.join("\n")).toBeUndefined();
    expect(value).toMatchObject({ active: { interfaceName: "c2", gateway: "10.55.2.1" } });
    expect(value?.["digests"]).toEqual(expectedDigests(folder, []));
    expect(Number(value?.["loadedAtMs"]) - pluggedAtMs).toBeLessThan(LOADED_WITHIN_MS);
    expect(log).toContain("c2: waiting for carrier");
  });

  test("a switch port forwards only after 30 s of spanning tree", async () => {
    await using lab = await NetworkLab.create(1);
    await lab.addSwitch(0, 15);
    const folder = await makeConfigurationFolder(lab.directory);
    await TFTP_SERVERS["dnsmasq"]?.(lab, folder.path);
    await startDhcp(lab, 0);
    const startMs = Date.now();
    const [{ value, message, log }, openAtMs] = await Promise.all([
      lab.runMachine({ interfaces: ["c0"] }),
      portForwardsAtMs(lab),
    ]);
    expect(message, log?.join("\n")).toBeUndefined();
    expect(openAtMs - startMs).toBeGreaterThan(29_000);
    expect(value?.["digests"]).toEqual(expectedDigests(folder, []));
    expect(Number(value?.["loadedAtMs"]) - openAtMs).toBeLessThan(LOADED_WITHIN_MS);
  });

  test("the cable is pulled for 60 s while the configuration is loaded", async () => {
    await using lab = await NetworkLab.create(1);
    await lab.addSwitch(0);
    await limitRate(lab, "1mbit");
    const folder = await makeConfigurationFolder(lab.directory);
    await TFTP_SERVERS["dnsmasq"]?.(lab, folder.path);
    await startDhcp(lab, 0);
    const machine = lab.runMachine({ interfaces: ["c0"], limitMs: 220_000 });
    const { value } = await pullCable(lab, 200_000, machine);
    expect(value?.["digests"]).toEqual(expectedDigests(folder, []));
  });

  test("the cable is pulled for 60 s while objects are downloaded", async () => {
    await using lab = await NetworkLab.create(1);
    await lab.setClientAddress();
    await lab.addSwitch(0);
    await limitRate(lab, "10mbit");
    await lab.startScript("lab-image-server.ts", `${lab.directory}/images`);
    const request = { host: "10.55.0.1", image: "lab/1", directory: `${lab.directory}/cache` };
    const client = lab.runClient("download-client.ts", request);
    const { value } = await pullCable(lab, 4_000_000, client);
    expect(value).toEqual({ objects: 24, missing: 0 });
  });
});
