import { type DriveUse, driveInUse, findUses } from "../drives/drive-use.ts";
import type { MachineUse } from "../drives/machine-use.ts";
import { isBelowOrSame } from "../plan/mount-points.ts";
import { describeDevice, type HolderTree, type StackedDevice } from "./device-stack.ts";

export interface ReleaseRequest {
  /** One for each drive that is to be erased. */
  readonly trees: readonly HolderTree[];
  readonly machine: MachineUse;
  /** The directories that the installer mounts on. */
  readonly ownRoots: readonly string[];
}

/** One thing that keeps drives busy, and goes. */
export type ReleaseAction = { readonly text: string; readonly devicePaths: readonly string[] } & (
  | { readonly kind: "swapoff"; readonly path: string }
  | { readonly kind: "unmount"; readonly mountPoint: string }
  | { readonly kind: "take-down"; readonly device: StackedDevice }
);

/** What has to be taken down before drives can be erased, in the order in which it can be. */
export interface ReleasePlan {
  readonly actions: readonly ReleaseAction[];
  /** What the operator should know: groups that lose only some of their drives. */
  readonly warnings: readonly string[];
}

/**
 * Decides how the drives are freed of what is built on them: swap first (a swap file keeps its file-system busy), then
 * what an earlier installation left mounted, the newest first, then arrays, volumes and mappings, each after all that
 * lies on it. Throws E_DRIVE_IN_USE, naming everything, when a drive is used in a way that is not ours to end: a mount
 * outside `ownRoots`, or a holder of unknown kind.
 */
export function planRelease({ trees, machine, ownRoots }: ReleaseRequest): ReleasePlan {
  for (const { drive, devices } of trees) {
    const uses = findUses(devices, machine);
    const isForeign = ({ mountPoint }: DriveUse) =>
      mountPoint !== undefined && !ownRoots.some((root) => isBelowOrSame(mountPoint, root));
    if (uses.some(isForeign) || devices.some(({ kind }) => kind === "unknown")) throw driveInUse(drive, uses);
  }
  const takenDown = sortTopDown(mergeDevices(trees)).filter(({ kind }) => !isRemoved(kind));
  return {
    actions: [
      ...planSwaps(trees, machine),
      ...planUnmounts(trees, machine),
      ...takenDown.map((device) => planTakeDown(device, trees)),
    ],
    warnings: takenDown.flatMap((device) => warnOfSplit(device, trees)),
  };
}

/** The plan for people, one line each; none when the drives are idle. */
export function formatReleasePlan({ actions }: ReleasePlan): readonly string[] {
  return actions.map(({ text }) => `before erasing: ${text}`);
}

/**
 * `devices`, each after everything that is built on it: its holders, those of its partitions, the volumes of a RAID
 * container.
 */
export function sortTopDown(devices: readonly StackedDevice[]): readonly StackedDevice[] {
  const byName = new Map(devices.map((device) => [device.name, device]));
  const sorted = new Set<StackedDevice>();
  const visited = new Set<StackedDevice>();
  const visit = (device: StackedDevice): void => {
    if (visited.has(device)) return;
    visited.add(device);
    for (const name of device.holders) {
      const holder = byName.get(name);
      if (holder !== undefined) visit(holder);
    }
    for (const part of devices) if (part.parent === device.name) visit(part);
    sorted.add(device);
  };
  for (const device of devices) visit(device);
  return [...sorted];
}

/** Drives stay, and partitions go with the table that is erased. */
function isRemoved(kind: StackedDevice["kind"]): boolean {
  return kind === "drive" || kind === "partition";
}

/** A device under several drives is one device. */
function mergeDevices(trees: readonly HolderTree[]): readonly StackedDevice[] {
  const byName = new Map(trees.flatMap(({ devices }) => devices.map((device) => [device.name, device])));
  return [...byName.values()];
}

function planSwaps(trees: readonly HolderTree[], machine: MachineUse): readonly ReleaseAction[] {
  return machine.swaps.flatMap((swap) => {
    const devicePaths = drivesUnder(trees, { mounted: [], swaps: [swap] });
    if (devicePaths.length === 0) return [];
    const { path } = swap;
    return [{ kind: "swapoff", path, text: `switch off swap on ${path}`, devicePaths }];
  });
}

/** Everything at and below the left-over mounts goes, such as /dev and /proc in a half-made target. */
function planUnmounts(trees: readonly HolderTree[], { mounted }: MachineUse): readonly ReleaseAction[] {
  const actions: ReleaseAction[] = [];
  const roots: { readonly mountPoint: string; readonly devicePaths: readonly string[] }[] = [];
  for (const mount of mounted) {
    const { mountPoint } = mount;
    const devicePaths = drivesUnder(trees, { mounted: [mount], swaps: [] });
    if (devicePaths.length > 0) roots.push({ mountPoint, devicePaths });
    const root = roots.find((other) => isBelowOrSame(mountPoint, other.mountPoint));
    if (root === undefined) continue;
    actions.push({
      kind: "unmount",
      mountPoint,
      text: `unmount ${mountPoint}`,
      devicePaths: devicePaths.length > 0 ? devicePaths : root.devicePaths,
    });
  }
  return actions.toReversed();
}

function planTakeDown(device: StackedDevice, trees: readonly HolderTree[]): ReleaseAction {
  return {
    kind: "take-down",
    device,
    text: `${verbOf(device)} ${describeDevice(device)} on ${device.drives.join(", ")}`,
    devicePaths: treesWith(device, trees).map(({ drive }) => drive.devicePath),
  };
}

function verbOf({ kind }: StackedDevice): string {
  if (kind === "raid" || kind === "bcache") return "stop";
  if (kind === "encrypted") return "close";
  return kind === "logical-volume" ? "deactivate" : "remove";
}

/** Only part of the drives below a device are to be erased: the others keep a torso. */
function warnOfSplit(device: StackedDevice, trees: readonly HolderTree[]): readonly string[] {
  const selected = new Set(trees.map(({ drive }) => drive.name));
  const kept = device.drives.filter((name) => !selected.has(name));
  if (kept.length === 0) return [];
  const lost = device.drives.filter((name) => selected.has(name));
  return [
    `${describeDevice(device)} also lies on ${kept.join(", ")}, which stays untouched: without ${lost.join(", ")} ` +
      "what is left there is degraded or incomplete",
  ];
}

/** Device paths of the drives that have something to do with the given mounts and swap areas. */
function drivesUnder(trees: readonly HolderTree[], machine: MachineUse): readonly string[] {
  return trees
    .filter(({ devices }) => findUses(withoutHolders(devices), machine).length > 0)
    .map(({ drive }) => drive.devicePath);
}

function withoutHolders(devices: readonly StackedDevice[]): readonly StackedDevice[] {
  return devices.map((device) => ({ ...device, holders: [] }));
}

function treesWith(device: StackedDevice, trees: readonly HolderTree[]): readonly HolderTree[] {
  return trees.filter(({ devices }) => devices.some(({ name }) => name === device.name));
}
