import type { Command } from "../../system/commands.ts";
import type { StackedDevice } from "./device-stack.ts";

/** Internal volumes of LVM (thin pools, RAID legs, snapshots' origins) cannot be named to lvchange. */
const INTERNAL_VOLUME = /_(tdata|tmeta|cdata|cmeta|corig|vdata|vorigin|pmspare|mlog|(r|m)(image|meta)_\d+)$/;

/**
 * The programs that can take a device down, the best first; a tools image rarely has all of them. Empty when only the
 * kernel's own interface is left. dmsetup(8), cryptsetup(8), lvm(8), multipath(8), mdadm(8).
 */
export function takeDownCommands(device: StackedDevice): readonly Command[] {
  const { kind, name, mappingName } = device;
  const removeMapping: Command = { program: "dmsetup", args: ["remove", "--retry", mappingName] };
  switch (kind) {
    case "encrypted":
      return [removeMapping, { program: "cryptsetup", args: ["close", mappingName] }];
    case "logical-volume":
      return [removeMapping, deactivateVolume(mappingName)];
    case "multipath":
      return [removeMapping, { program: "multipath", args: ["-f", mappingName] }];
    case "mapping":
      return [removeMapping];
    case "raid":
      return [{ program: "mdadm", args: ["--stop", `/dev/${name}`] }];
    case "bcache":
    case "drive":
    case "partition":
    case "unknown":
      return [];
  }
}

export interface TakeDownFile {
  readonly path: string;
  readonly content: string;
  /** The mode that sysfs gives it; another would lock readers out. */
  readonly mode: number;
}

/** A file of sysfs (below class/block) that takes the device down when written to, when no program can. */
export function takeDownFile({ kind, name }: StackedDevice): TakeDownFile | undefined {
  // Documentation/admin-guide/md.rst, Documentation/admin-guide/bcache.rst
  if (kind === "raid") return { path: `${name}/md/array_state`, content: "clear", mode: 0o644 };
  if (kind === "bcache") return { path: `${name}/bcache/stop`, content: "1", mode: 0o200 };
  return undefined;
}

/** What to try on the console when it did not go. */
export function takeDownHint(device: StackedDevice): string {
  const [command] = takeDownCommands(device);
  const by =
    command === undefined
      ? "take it down by hand"
      : `try \`${[command.program, ...command.args].join(" ")}\``;
  return `${by} in the console shell, look at what uses it (lsblk, fuser -m), and start again; nothing was erased`;
}

/**
 * Group, volume and layer of a logical volume's mapping: joined by hyphens, in which their own hyphens are doubled
 * (lvm(8), "device-mapper names").
 */
export function parseVolumeName(mappingName: string): {
  readonly group: string;
  readonly volume: string;
  readonly layer: string;
} {
  const [group = "", volume = "", ...layers] = mappingName
    .split(/(?<=[^-](?:--)*)-(?!-)/)
    .map((part) => part.replaceAll("--", "-"));
  return { group, volume, layer: layers.join("-") };
}

function deactivateVolume(mappingName: string): Command {
  const { group, volume, layer } = parseVolumeName(mappingName);
  return layer !== "" || INTERNAL_VOLUME.test(volume)
    ? { program: "vgchange", args: ["-an", group] }
    : { program: "lvchange", args: ["-an", `${group}/${volume}`] };
}
