import type { Logger } from "../../core/logger.ts";
import { formatCommand } from "../command-line.ts";
import type { CommandRunner } from "../commands.ts";
import type { Host } from "../host.ts";
import type { Interfaces, NetworkInterface } from "../interfaces.ts";
import type { MountEntry, Mounts } from "../mounts.ts";
import type { Clock, Power } from "../power.ts";
import type { RandomPool } from "../random-pool.ts";
import { systemError } from "../system-error.ts";
import { DryRunFileSystem } from "./dry-run-file-system.ts";
import { DryRunHashing } from "./dry-run-hashing.ts";
import { SkippedChanges } from "./skipped-changes.ts";

/** A machine that looks like the real one and cannot be changed. */
export interface DryRunHost extends Host {
  /** What was not done, in order, as it was logged. */
  skippedChanges(): readonly string[];
}

/**
 * Stands before `real`: what reads passes through; what changes is logged (`dry run: skipping: NAME ARGS`), and
 * reported as done. Files, mounts and addresses that were not really made are remembered, so that later reads agree.
 * DHCP sockets are opened: asking for a lease changes nothing that outlives the lease. So are terminals: what is done
 * there is a person's doing.
 */
export function createDryRunHost(real: Host, log: Logger): DryRunHost {
  const skipped = new SkippedChanges(log);
  const files = new DryRunFileSystem(real.files, skipped);
  return {
    commands: dryRunCommands(real.commands, skipped),
    files,
    hashing: new DryRunHashing(real.hashing, files),
    mounts: dryRunMounts(real.mounts, skipped),
    interfaces: dryRunInterfaces(real.interfaces, skipped),
    sockets: real.sockets,
    clock: dryRunClock(real.clock, skipped),
    power: dryRunPower(skipped),
    randomPool: dryRunRandomPool(skipped),
    terminals: real.terminals,
    skippedChanges: () => skipped.list(),
  };
}

function dryRunCommands(real: CommandRunner, skipped: SkippedChanges): CommandRunner {
  return {
    async run(command, signal) {
      if (command.changesNothing === true) return real.run(command, signal);
      signal.throwIfAborted();
      skipped.skip(formatCommand(command));
      return { exitCode: command.okExitCodes?.[0] ?? 0, stdout: "", stderr: "", durationMs: 0 };
    },
    async runInteractive(command, signal) {
      if (command.changesNothing === true) return real.runInteractive(command, signal);
      signal.throwIfAborted();
      skipped.skip(formatCommand(command));
      return 0;
    },
  };
}

function dryRunMounts(real: Mounts, skipped: SkippedChanges): Mounts {
  const made: MountEntry[] = [];
  return {
    async mount({ source, target, type, readOnly = false }) {
      skipped.skip(`mount ${source} on ${target} type ${type}`);
      made.push({ source, mountPoint: target, type, options: readOnly ? "ro" : "rw" });
    },
    async bind(source, target) {
      skipped.skip(`bind ${source} to ${target}`);
      made.push({ source, mountPoint: target, type: "none", options: "rw" });
    },
    async unmount(mountPoint) {
      const index = made.findLastIndex((entry) => entry.mountPoint === mountPoint);
      const isReal = index === -1 && (await real.read()).some((entry) => entry.mountPoint === mountPoint);
      if (index === -1 && !isReal) throw systemError("EINVAL", "umount", mountPoint);
      skipped.skip(`unmount ${mountPoint}`);
      if (index !== -1) made.splice(index, 1);
    },
    read: async () => [...(await real.read()), ...made],
  };
}

function dryRunInterfaces(real: Interfaces, skipped: SkippedChanges): Interfaces {
  const broughtUp = new Map<string, boolean>();
  const vlans: NetworkInterface[] = [];
  const list = async (): Promise<readonly NetworkInterface[]> =>
    [...(await real.list()), ...vlans].map((entry) => ({
      ...entry,
      isUp: broughtUp.get(entry.name) ?? entry.isUp,
    }));
  return {
    list,
    hasCarrier: async (name) => real.hasCarrier(name),
    listAddresses: async (name) => real.listAddresses(name),
    async setUp(name, up) {
      skipped.skip(`set ${name} ${up ? "up" : "down"}`);
      broughtUp.set(name, up);
    },
    async setAddress(name, address, prefixLength) {
      skipped.skip(`set address ${address}/${prefixLength} of ${name}`);
    },
    async clearAddress(name) {
      skipped.skip(`take away the address of ${name}`);
    },
    async setDefaultGateway(gateway) {
      skipped.skip(`set default gateway ${gateway}`);
    },
    async addRoute({ destination, prefixLength, gateway, interfaceName }) {
      skipped.skip(`add route ${destination}/${prefixLength} by way of ${gateway} on ${interfaceName}`);
    },
    async setMtu(name, mtu) {
      skipped.skip(`set MTU ${mtu} of ${name}`);
    },
    async createVlan({ name, parent, vlanId }) {
      const entry = (await list()).find((candidate) => candidate.name === parent);
      if (entry === undefined) throw systemError("ENODEV", "rtnetlink", parent);
      skipped.skip(`make ${name} for VLAN ${vlanId} on ${parent}`);
      vlans.push({ ...entry, name, isUp: false, isPhysical: false });
    },
    async setHostname(name) {
      skipped.skip(`set host name ${name}`);
    },
  };
}

function dryRunClock(real: Clock, skipped: SkippedChanges): Clock {
  return {
    nowMs: () => real.nowMs(),
    monotonicMs: () => real.monotonicMs(),
    uptimeSeconds: async () => real.uptimeSeconds(),
    setTime: async (unixSeconds) => skipped.skip(`set time ${new Date(unixSeconds * 1000).toISOString()}`),
    sleep: async (ms, signal) => real.sleep(ms, signal),
  };
}

function dryRunRandomPool(skipped: SkippedChanges): RandomPool {
  return {
    async add(seed) {
      skipped.skip(`stir ${seed.byteLength} bytes into the random pool`);
      return 0;
    },
  };
}

/** There is no machine to end: whoever asks for it made a mistake, and must not go on as if it had happened. */
function dryRunPower(skipped: SkippedChanges): Power {
  const refuse = (action: string): never => {
    skipped.skip(action);
    throw systemError("EPERM", action);
  };
  return {
    restart: async () => refuse("reboot"),
    powerOff: async () => refuse("power off"),
  };
}
