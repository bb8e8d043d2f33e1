import { readFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { waitForInstallation, waitForLogin } from "./installation.ts";
import { LAB_NETWORK } from "./lab.ts";
import { SerialShell } from "./serial-shell.ts";
import { CARDS, type InstallationOverVlan, startInstallationOverVlan } from "./vlan-switch-installation.ts";

const SET_UP_TIMEOUT_MS = 1_800_000;
const BOND_MTU = 9000;
/** A bond without a partner may take a few seconds to choose a card after a change. */
const REACH_TIMEOUT_S = 30;

/** What `ip -details -json link` says of an interface, as far as it matters here. */
interface Link {
  readonly ifname: string;
  readonly operstate: string;
  readonly address: string;
  readonly mtu: number;
  /** What a VLAN is on. */
  readonly link?: string;
  readonly master?: string;
  readonly linkinfo?: {
    readonly info_kind?: string;
    readonly info_data?: Readonly<Record<string, unknown>>;
  };
}

/** One installation over a VLAN; then each part of the installed machine's network is looked at by a test of its own. */
describe("a machine with five network cards at a VLAN switch", () => {
  const cleanup = new AsyncDisposableStack();
  let installation: InstallationOverVlan;
  let installationText = "";
  let shell: SerialShell;
  let links: ReadonlyMap<string, Link> = new Map();
  const showLinks = async (): Promise<ReadonlyMap<string, Link>> => {
    const shown: readonly Link[] = JSON.parse(await shell.run("ip -details -json link show"));
    return new Map(shown.map((link) => [link.ifname, link]));
  };
  const switchSaw = () => readFileSync(installation.switchLog, "utf8").trim().split("\n");

  beforeAll(async () => {
    installation = await startInstallationOverVlan(cleanup, "network");
    const { machine } = installation;
    await waitForInstallation(machine);
    installationText = readFileSync(machine.consoleLog, "utf8");
    await machine.waitForRestart(60_000);
    await machine.continueRestart();
    await waitForLogin(machine);
    shell = await SerialShell.login(machine.console, "root", "installer");
    await shell.run("systemctl is-system-running --wait");
    links = await showLinks();
  }, SET_UP_TIMEOUT_MS);

  afterAll(() => cleanup.disposeAsync());

  describe("that is told VLAN 7 on the kernel command line", () => {
    it("makes the VLAN, for which nobody has loaded the kernel module", () => {
      const asked = installationText.indexOf("making eth0.7: VLAN 7 on eth0");
      expect(asked).not.toBe(-1);
      expect(installationText.indexOf("8021q: 802.1Q VLAN Support")).toBeGreaterThan(asked);
      expect(installationText).toContain("eth0.7: using the address of the kernel command line: 10.7.0.2");
      expect(switchSaw()).toContain(`VLAN 7: ${CARDS.eth0.macAddress} is at eth0`);
    });

    it("gets its configuration there, and does not ask the DHCP server of the untagged network", () => {
      const served = readFileSync(installation.tftpLog, "utf8");
      expect(served).toMatch(/sent \S+\/config\.json to 10\.7\.0\.2/);
      expect(served).toMatch(/sent \S+\/storage-layout\.json to 10\.7\.0\.2/);
      expect(installationText).not.toMatch(/requesting an address by DHCP/);
    });
  });

  it("bonds the two cards that are to spare", () => {
    expect(links.get("bond0")).toMatchObject({
      operstate: "UP",
      mtu: BOND_MTU,
      linkinfo: { info_kind: "bond", info_data: { mode: "802.3ad", xmit_hash_policy: "layer3+4" } },
    });
    for (const slave of ["eth1", "eth2"])
      expect(links.get(slave)).toMatchObject({ operstate: "UP", master: "bond0", mtu: BOND_MTU });
  });

  it.each([
    ["bond0.7", 7],
    ["bond0.8", 8],
  ])("has %s on the bond", (name, id) => {
    expect(links.get(name)).toMatchObject({
      operstate: "UP",
      link: "bond0",
      linkinfo: { info_kind: "vlan", info_data: { protocol: "802.1Q", id } },
    });
  });

  it.each([
    ["br8", "bond0.8"],
    ["br@Dev", "eth3"],
    ["br10", "eth4"],
  ])("has the bridge %s over %s", (bridge, port) => {
    expect(links.get(bridge)).toMatchObject({ operstate: "UP", linkinfo: { info_kind: "bridge" } });
    const ports = [...links.values()].filter(({ master }) => master === bridge).map(({ ifname }) => ifname);
    expect(ports).toEqual([port]);
  });

  it.each([
    ["br@Dev", CARDS.eth3.macAddress],
    ["br10", CARDS.eth4.macAddress],
  ])("has on the bridge %s the hardware address of its card", (bridge, macAddress) => {
    expect(links.get(bridge)?.address).toBe(macAddress);
  });

  it("has nothing but what was planned", () => {
    const cards = Object.keys(CARDS);
    const planned = ["lo", ...cards, "bond0", "bond0.7", "bond0.8", "br8", "br@Dev", "br10"];
    expect([...links.keys()].toSorted()).toEqual(planned.toSorted());
  });

  it.each<[string, string, RegExp]>([
    ["has its address", "ip -brief -4 address show eth0", / 192\.168\.77\.10\/24 *$/],
    ["has its address in VLAN 7", "ip -brief -4 address show bond0.7", / 10\.7\.0\.10\/24 *$/],
    ["has its address on a bridge", "ip -brief -4 address show br10", / 10\.10\.0\.10\/24 *$/],
    [
      "has one default route",
      "ip -4 route show default",
      /^default via 192\.168\.77\.1 dev eth0( onlink)? *$/,
    ],
    ["has its name server", "cat /etc/resolv.conf", /^nameserver 192\.168\.77\.1$/m],
    ["is set up by ifupdown alone", "! systemctl is-active systemd-networkd", /^inactive$/],
    [
      "has each interface up for ifupdown",
      "ifquery --list --exclude=lo | xargs ifquery --state",
      /^br8=br8$/m,
    ],
    ["runs without a failed unit", "systemctl --failed --plain --no-legend | wc -l", /^0$/],
  ])("%s", async (_, command, expected) => {
    expect(await shell.run(command)).toMatch(expected);
  });

  it.each([
    ["untagged", LAB_NETWORK.server],
    ["in VLAN 7", "10.7.0.1"],
    ["at the port of a bridge with an address", "10.10.0.1"],
  ])("reaches the host %s", async (_, address) => {
    await reach(address);
  });

  it("sends tagged frames from a card of the bond", async () => {
    await reach("10.7.0.1");
    const bondMac = links.get("bond0")?.address ?? "";
    expect(switchSaw().some((line) => new RegExp(`^VLAN 7: ${bondMac} is at eth[12]$`).test(line))).toBe(
      true,
    );
  });

  it("carries jumbo frames on the bond", async () => {
    await reach("10.7.0.1", "-M do -s 8000");
  });

  it.each([
    ["br8", "10.8.0"],
    ["br@Dev", "10.9.0"],
  ])(
    "reaches the VLAN behind the bridge %s as soon as somebody has an address there",
    async (bridge, prefix) => {
      await shell.run(`! ping -c 1 -W 1 -I ${bridge} ${prefix}.1 >/dev/null`);
      await shell.run(`ip address add ${prefix}.10/24 dev ${bridge}`);
      await reach(`${prefix}.1`);
    },
  );

  it("reaches VLAN 7 with either cable of the bond pulled", async () => {
    for (const card of [1, 2]) {
      await installation.machine.setLink(card, false);
      await shell.run(`until ip link show eth${card} | grep -q NO-CARRIER; do sleep 0.1; done`);
      await reach("10.7.0.1");
      await installation.machine.setLink(card, true);
      await shell.run(`until ip link show eth${card} | grep -q LOWER_UP; do sleep 0.1; done`);
    }
    const places = switchSaw().filter((line) => line.startsWith(`VLAN 7: ${links.get("bond0")?.address} `));
    expect(new Set(places.map((line) => line.split(" ").at(-1)))).toEqual(new Set(["eth1", "eth2"]));
  });

  it("has the same network after it was taken down and brought up again", async () => {
    await shell.run("systemctl restart networking");
    const again = await showLinks();
    const shapes = (of: ReadonlyMap<string, Link>) =>
      [...of.values()].map(({ ifname, master, link, mtu }) => ({ ifname, master, link, mtu }));
    expect(new Set(shapes(again))).toEqual(new Set(shapes(links)));
    await reach("10.7.0.1");
    await reach("10.10.0.1");
  });

  async function reach(address: string, options = ""): Promise<void> {
    const ping = `ping -q -c 1 -W 1 ${options} ${address}`;
    await shell.run(`timeout ${REACH_TIMEOUT_S} sh -c 'until ${ping}; do sleep 0.2; done'`);
  }
});
