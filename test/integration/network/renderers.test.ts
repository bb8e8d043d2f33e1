import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RendererName } from "../../../src/network/target/choose-renderer.ts";
import { describeLinks } from "../../../src/network/target/describe-links.ts";
import { renderLinkFiles } from "../../../src/network/target/link-files.ts";
import { renderTargetNetwork } from "../../../src/network/target/render-target-network.ts";
import { macAddress, PLANNED_NETWORKS, type PlannedNetwork } from "../../support/network-plans.ts";
import { fetchNetworkTools, iniEntries, runNetworkTool, writeTargetFiles } from "../support/network-tools.ts";
import { findUdevNames, runInNamespace } from "../support/target-namespace.ts";

// Each kind of file is given to the very program that reads it in the new system.

const CASES = Object.entries(PLANNED_NETWORKS).map(([name, network]) => ({ name, network }));
const NETWORKD_DIRECTORY = "etc/systemd/network";

let target = "";
beforeAll(fetchNetworkTools);
beforeEach(async () => {
  target = await mkdtemp(join(tmpdir(), "renderers-"));
});
afterEach(() => rm(target, { recursive: true }));

async function render(renderer: RendererName, { plan, interfaces }: PlannedNetwork): Promise<void> {
  const software = { ifupdown: true, netplan: true, networkd: "enabled", networkManager: "enabled" } as const;
  await writeTargetFiles(target, renderTargetNetwork(renderer, software, plan, interfaces));
}

function placedAddresses({ plan }: PlannedNetwork): readonly string[] {
  return [...plan.addresses, ...(plan.trunk?.addresses ?? [])].map(({ address }) => address);
}

test.each(CASES)("ifupdown reads every interface and address of $name", async ({ network }) => {
  await render("ifupdown", network);
  const file = join(target, "etc/network/interfaces");
  const ifquery = (...args: readonly string[]) =>
    runNetworkTool("sbin/ifquery", [`--interfaces=${file}`, ...args]);
  const { stdout, stderr } = await ifquery("--list", "--all");
  expect(stderr).toBe("");
  const names = stdout.trim().split("\n");
  const described = describeLinks(network.plan, network.interfaces).filter(
    // Ports are brought up by their bond or bridge; VLANs have a stanza of their own.
    ({ kind, master }) => kind.type !== "ethernet" || master === undefined,
  );
  expect(names.toSorted()).toEqual(["lo", ...described.map(({ name }) => name)].toSorted());
  const settings: string[] = [];
  for (const name of names) settings.push((await ifquery(name)).stdout);
  const found = settings.join("\n").match(/(?<=^address: ).*$/gm) ?? [];
  expect(found.toSorted()).toEqual(placedAddresses(network).toSorted());
});

test.each(CASES)(
  "netplan makes the files of systemd-networkd of $name that we write ourselves",
  async ({ network }) => {
    await render("netplan", network);
    const { stderr } = await runNetworkTool("usr/libexec/netplan/generate", ["--root-dir", target]);
    expect(stderr).toBe("");
    const theirs = await meaningOf(join(target, "run/systemd/network"));
    await rm(join(target, "etc"), { recursive: true });
    await render("networkd", network);
    expect(theirs).toEqual(await meaningOf(join(target, NETWORKD_DIRECTORY)));
  },
);

/** Section, key and value of every `.network` and `.netdev` file, by device, without what only one of the two says. */
async function meaningOf(directory: string): Promise<Readonly<Record<string, readonly string[]>>> {
  // What systemd does anyway; what the file for the device says already; how netplan names interfaces.
  const ignored =
    /^(Network\.LinkLocalAddressing|Link\.MTUBytes|Link\.MACAddress|Match\.PermanentMACAddress|Route\.Destination)=/;
  const meaning: Record<string, readonly string[]> = {};
  for (const name of await readdir(directory)) {
    if (name.endsWith(".link")) continue;
    const entries = iniEntries(await readFile(join(directory, name), "utf8"))
      .filter((line) => !ignored.test(line))
      .map((line) => line.replace("Route.Gateway=", "Network.Gateway=").replace("STP=false", "STP=no"));
    meaning[name.replace(/^(10-netplan|20)-/, "")] = entries.toSorted();
  }
  return meaning;
}

test.each(CASES)("NetworkManager keeps every setting of $name", async ({ network }) => {
  await render("networkmanager", network);
  const directory = join(target, "etc/NetworkManager/system-connections");
  for (const name of await readdir(directory)) {
    const keyfile = await readFile(join(directory, name), "utf8");
    const { stdout, stderr } = await runNetworkTool(
      "usr/bin/nmcli",
      ["--offline", "connection", "modify"],
      keyfile,
    );
    expect(stderr).toBe("");
    const gateway = /^gateway=(.*)$/m.exec(keyfile)?.[1];
    const ours = iniEntries(keyfile)
      .filter((line) => !line.startsWith("ipv4.gateway="))
      // It writes the gateway behind the first address, and MAC addresses in capitals.
      .map((line) =>
        line.startsWith("ipv4.address1=") && gateway !== undefined ? `${line},${gateway}` : line,
      )
      .map((line) => line.replace(/(?<=mac-address=).*/, (mac) => mac.toUpperCase()));
    expect(iniEntries(stdout)).toEqual(expect.arrayContaining(ours));
  }
});

describe("systemd-networkd", () => {
  test.each(CASES)("understands every line of $name", async ({ network }) => {
    await render("networkd", network);
    const links = describeLinks(network.plan, network.interfaces);
    const made = links.flatMap(({ name, kind }) =>
      kind.type === "ethernet" ? [] : [`${name}: loaded "${kind.type}"`],
    );
    const awaited = ["Enumeration completed", ...made];
    const { log } = await runInNamespace("networkd", target, network.interfaces, awaited);
    const lines = log.split("\n");
    expect(lines).toEqual(expect.arrayContaining(made));
    expect(lines).toContain("Enumeration completed");
    // Its complaints begin with file and line.
    expect(lines.filter((line) => /^\/etc\/systemd\/network\/.*: /.test(line))).toEqual([]);
  });

  test("complains of a line that it does not understand", async () => {
    const path = `${NETWORKD_DIRECTORY}/20-eth0.network`;
    await writeTargetFiles(target, [
      { path, text: "[Match]\nName=eth0\n\n[Network]\nAdress=1\n", mode: 0o644 },
    ]);
    const { log } = await runInNamespace("networkd", target, [], ["Enumeration completed"]);
    expect(log).toMatch(/^\/etc\/systemd\/network\/20-eth0\.network:5: Unknown key/m);
  });
});

test.each(["networkd", "networkmanager"] as const)(
  "%s gives a machine with secondary entries its addresses, bridges and default route, and nothing else",
  async (renderer) => {
    const network = PLANNED_NETWORKS["secondary-entries"];
    await render(renderer, network);
    const awaited = [
      ...placedAddresses(network).map((address) => `inet ${address}/`),
      "master br100",
      "master br@Prod",
      "default via",
    ];
    const { links, routes } = await runInNamespace(renderer, target, network.interfaces, awaited);
    const own = links.filter(({ ifname }) => ifname !== "lo" && !ifname.startsWith("cable-"));
    const seen = own.map(({ ifname, flags, master, addr_info, linkinfo, address }) => ({
      name: ifname,
      isUp: flags.includes("UP"),
      master,
      addresses: addr_info
        .filter(({ family }) => family === "inet")
        .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
      ...(linkinfo?.info_kind === "bridge"
        ? { macAddress: address, stp: linkinfo.info_data?.stp_state }
        : {}),
    }));
    expect(seen.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: "br100", isUp: true, addresses: ["192.168.100.5/24"], macAddress: macAddress(1), stp: 0 },
      { name: "br@Prod", isUp: true, addresses: [], macAddress: macAddress(2), stp: 0 },
      { name: "eth0", isUp: true, addresses: ["192.168.1.2/24"] },
      { name: "eth1", isUp: true, master: "br100", addresses: [] },
      { name: "eth2", isUp: true, master: "br@Prod", addresses: [] },
      { name: "eth3", isUp: true, addresses: ["192.168.30.5/24"] },
    ]);
    expect(routes.split("\n").filter((line) => line.startsWith("default"))).toEqual([
      expect.stringMatching(/^default via 192\.168\.100\.1 dev br100 /),
    ]);
  },
);

test("NetworkManager leaves interfaces alone that the plan does not want", async () => {
  const network = PLANNED_NETWORKS["single-address"];
  await render("networkmanager", network);
  const { log, links } = await runInNamespace("networkmanager", target, network.interfaces, [
    "inet 192.168.1.2/",
    "startup complete",
  ]);
  expect(links.find(({ ifname }) => ifname === "eth0")?.addr_info).toContainEqual(
    expect.objectContaining({ local: "192.168.1.2", prefixlen: 24 }),
  );
  expect(log).toContain("startup complete");
  expect(log).not.toContain("Wired connection");
});

test("udev names interfaces by the .link files, and not the bridge that has the address of one", async () => {
  await writeTargetFiles(target, renderLinkFiles(PLANNED_NETWORKS["secondary-entries"].interfaces));
  const names = await findUdevNames(join(target, NETWORKD_DIRECTORY), [
    { name: "first", type: "veth", macAddress: macAddress(1) },
    { name: "second", type: "veth", macAddress: macAddress(0) },
    { name: "br100", type: "bridge", macAddress: macAddress(1) },
  ]);
  expect(names).toEqual({ first: "eth1", second: "eth0", br100: "br100" });
});
