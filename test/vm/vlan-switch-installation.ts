import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import {
  buildNetboot,
  configurationFiles,
  makeCredentials,
  publishDebian,
  startImageServer,
} from "./installation.ts";
import { LAB_NETWORK, Lab } from "./lab.ts";
import type { Machine } from "./machine.ts";
import { keepLogs } from "./start-installation.ts";
import { LAB_VLAN_ID, startVlanSwitch } from "./vlan-switch-lab.ts";

/** Where nobody is. */
const UNUSED_VLAN_ID = 99;
const IMAGE_SERVER_PORT = 6971;
const TFTP_LOG = "tftp-vlan.log";

/** What is plugged in where, by the name of the interface that the machine gives it. */
export const CARDS = {
  eth0: { macAddress: LAB_NETWORK.clientMac, untaggedVlanId: LAB_VLAN_ID, isTrunk: true },
  eth1: { macAddress: "52:54:00:77:00:11", untaggedVlanId: UNUSED_VLAN_ID, isTrunk: true },
  eth2: { macAddress: "52:54:00:77:00:12", untaggedVlanId: UNUSED_VLAN_ID, isTrunk: true },
  eth3: { macAddress: "52:54:00:77:00:13", untaggedVlanId: 9, isTrunk: false },
  eth4: { macAddress: "52:54:00:77:00:14", untaggedVlanId: 10, isTrunk: false },
} as const;

/** The hosts in the VLANs. */
const HOSTS = [7, 8, 9, 10].map((vlanId) => ({ vlanId, address: `10.${vlanId}.0.1/24` }));

/**
 * The machine gets its address and its configuration over VLAN 7 while it is installed. Then its first card has the address of the lab,
 * two are the bond (two spare ones), one is a bridge for virtual machines, and one a bridge with an address.
 */
const MACHINE = {
  Hostname: LAB_NETWORK.clientHostname,
  HostIpAddress: LAB_NETWORK.client,
  HostMacAddress: CARDS.eth0.macAddress,
  SubnetId: "lab",
  SecondaryNetworkEntries: [
    { HostIpAddress: "10.7.0.10" },
    { HostMacAddress: CARDS.eth3.macAddress, SubnetId: "Dev" },
    { HostIpAddress: "10.10.0.10", HostMacAddress: CARDS.eth4.macAddress },
  ],
};

const SUBNETS = [
  {
    Id: "lab",
    IpGateway: LAB_NETWORK.server,
    IpMask: LAB_NETWORK.netmask,
    DomainName: "lab.example",
    DomainNameServers: [LAB_NETWORK.server],
  },
  subnet("Storage", 7, false),
  subnet("Guests", 8, true),
  subnet("Dev", 9, true),
  subnet("Office", 10, true),
];

function subnet(id: string, vlanId: number, isManaged: boolean): object {
  return {
    Id: id,
    IpGateway: `10.${vlanId}.0.1`,
    IpMask: "255.255.255.0",
    VlanId: vlanId,
    Manage: isManaged,
  };
}

export interface InstallationOverVlan {
  readonly machine: Machine;
  /** What the switch has seen: lines such as `VLAN 7: 52:54:00:77:00:10 is at eth0`. */
  readonly switchLog: string;
  /** Of the TFTP server in VLAN 7. */
  readonly tftpLog: string;
}

/**
 * A machine with five cards at a VLAN switch that was just switched on. It boots over the untagged network, where there is no
 * configuration, and is told VLAN 7 on the kernel command line. All of it ends with `cleanup`.
 */
export async function startInstallationOverVlan(
  cleanup: AsyncDisposableStack,
  name: string,
): Promise<InstallationOverVlan> {
  const scratch = mkdtempSync(path.join(tmpdir(), "installer-vlan-test-"));
  cleanup.defer(() => rmSync(scratch, { recursive: true, force: true }));
  const credentials = makeCredentials(scratch);
  const store = publishDebian();
  const lab = cleanup.use(
    await Lab.create({
      netbootDirectory: buildNetboot(scratch, credentials),
      kernelArguments: `vlan=eth0.7:eth0 ip=10.7.0.2::10.7.0.1:255.255.255.0::eth0.7:none tftpserver=10.7.0.1`,
    }),
  );
  cleanup.defer(() => keepLogs(lab.directory, name));
  const ports = Object.entries(CARDS).map(([port, card]) => ({ name: port, ...card }));
  const { socketPath, log } = await startVlanSwitch(lab, ports, HOSTS);
  await startImageServer(lab, store, credentials);
  await startTftpServer(lab, "vlan7", {
    ...configurationFiles({}),
    "config.json": JSON.stringify({ Machine: MACHINE, Subnets: SUBNETS }, undefined, 4),
    imageserver: `10.7.0.1:${IMAGE_SERVER_PORT}\n`,
  });
  const machine = await lab.startMachine({
    pauseAtRestart: true,
    networkCards: ports.map((port) => ({ macAddress: port.macAddress, socketPath: socketPath(port.name) })),
  });
  return { machine, switchLog: log, tftpLog: path.join(lab.directory, TFTP_LOG) };
}

async function startTftpServer(
  lab: Lab,
  interfaceName: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const root = path.join(lab.directory, "tftp-vlan");
  mkdirSync(root);
  for (const [file, content] of Object.entries(files)) writeFileSync(path.join(root, file), content);
  const options = [
    ["--keep-in-foreground", "--conf-file=/dev/null", "--log-facility=-", "--user=root", "--port=0"],
    [`--interface=${interfaceName}`, "--bind-interfaces", `--pid-file=${root}.pid`],
    ["--enable-tftp", `--tftp-root=${root}`],
  ];
  const server = lab.spawn("dnsmasq", options.flat(), TFTP_LOG);
  await new Promise<void>((resolve, reject) => {
    server.stderr?.on("data", (chunk: Buffer) => {
      if (chunk.includes("TFTP root")) resolve();
    });
    server.on("exit", (code) =>
      reject(new Error(`the TFTP server of ${interfaceName} ended with exit code ${code}`)),
    );
  });
}
