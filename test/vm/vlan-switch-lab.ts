import { spawnSync } from "node:child_process";
import path from "node:path";

import type { Lab } from "./lab.ts";
import type { SwitchSettings } from "./vlan-switch.ts";
import type { SwitchPort } from "./vlan-switch-table.ts";

/** The VLAN that the lab's own network is in: the server of DHCP, TFTP and HTTP. */
export const LAB_VLAN_ID = 1;

/** This namespace in another VLAN, as interface `vlanID`. */
export interface VlanHost {
  readonly vlanId: number;
  /** With its prefix length. */
  readonly address: string;
}

export interface VlanSwitch {
  /** Where a network card is plugged in (MachineOptions.networkCards). */
  readonly socketPath: (portName: string) => string;
  /** The log, inside the lab's directory: what addresses the switch has seen where. */
  readonly log: string;
}

const LOG = "vlan-switch.log";
const JUMBO_MTU = 9000;
const SPARE_THREADS = 2;

/** Puts a switch between the lab and the machine that is yet to be started; it ends with the lab. */
export async function startVlanSwitch(
  lab: Lab,
  ports: readonly SwitchPort[],
  hosts: readonly VlanHost[],
): Promise<VlanSwitch> {
  // Otherwise the namespace would answer for all its addresses in each VLAN.
  inNamespace(lab, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore");
  for (const { vlanId, address } of hosts) {
    const name = tapName(vlanId);
    inNamespace(lab, "ip", "tuntap", "add", name, "mode", "tap");
    inNamespace(lab, "ip", "link", "set", name, "mtu", String(JUMBO_MTU), "up");
    inNamespace(lab, "ip", "address", "add", address, "dev", name);
  }
  const socketPath = (portName: string) => path.join(lab.directory, `port-${portName}`);
  const accessPort = (name: string, vlanId: number) => ({ name, untaggedVlanId: vlanId, isTrunk: false });
  const settings: SwitchSettings = {
    sockets: ports.map((port) => ({ ...port, socketPath: socketPath(port.name) })),
    taps: [
      accessPort("tap0", LAB_VLAN_ID),
      ...hosts.map(({ vlanId }) => accessPort(tapName(vlanId), vlanId)),
    ],
  };
  const threads = `UV_THREADPOOL_SIZE=${settings.taps.length + SPARE_THREADS}`;
  const script = path.join(import.meta.dirname, "vlan-switch.ts");
  const child = lab.spawn("env", [threads, process.execPath, script, JSON.stringify(settings)], LOG);
  await new Promise<void>((resolve, reject) => {
    let errors = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.stdout?.on("data", (chunk: Buffer) => {
      if (chunk.includes("ready")) resolve();
    });
    child.on("exit", (code) => reject(new Error(`the VLAN switch ended with exit code ${code}: ${errors}`)));
  });
  return { socketPath, log: path.join(lab.directory, LOG) };
}

function tapName(vlanId: number): string {
  return `vlan${vlanId}`;
}

function inNamespace(lab: Lab, program: string, ...args: readonly string[]): void {
  const run = spawnSync("ip", ["netns", "exec", lab.namespace, program, ...args], { encoding: "utf8" });
  if (run.status !== 0)
    throw new Error(`${[program, ...args].join(" ")}: ${run.error?.message ?? run.stderr}`);
}
