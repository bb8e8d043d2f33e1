import type { JsonPath } from "../../config/json-place.ts";
import { errorAt, type Problem, warningAt } from "../../config/problem.ts";
import { InstallerError, messageChain } from "../../core/errors.ts";
import { checkPartition } from "../../storage/plan/check-partition.ts";
import type { Partition, StorageLayout } from "../../storage/plan/layout.ts";
import { parseMountPoint, parseSwapMountPoint } from "../../storage/plan/mount-points.ts";
import { normaliseLayout } from "../../storage/plan/normalise-layout.ts";
import type { Firmware } from "../../storage/plan/plan.ts";

const BASENAME_PATH: JsonPath = ["ExtraMountPointsBasename"];
const FIRMWARES: readonly Firmware[] = ["bios", "efi"];

/**
 * What is wrong with storage-layout.json although every value is of the right kind. What depends on the sizes of drives
 * and image is left to `installer plan`.
 */
export function findLayoutProblems(layout: StorageLayout): readonly Problem[] {
  const { bootDriveLayout, extraMountPointsBasename: basename } = layout;
  const own = [
    ...bootDriveLayout.flatMap((partition, index) =>
      partitionProblems(partition, ["BootDriveLayout", index]),
    ),
    ...duplicateProblems(bootDriveLayout),
    ...((basename === "" ? undefined : attempt(() => parseMountPoint(`${basename}0`), BASENAME_PATH)) ?? []),
  ];
  // What is said about one partition must not be said again about the whole.
  return own.some(({ severity }) => severity === "error") ? own : [...own, ...wholeProblems(layout)];
}

function partitionProblems(partition: Partition, path: JsonPath): readonly Problem[] {
  const { fileSystemType, fileSystemLabel, mountPoint } = partition;
  const parse = fileSystemType === "swap" ? parseSwapMountPoint : parseMountPoint;
  return (
    attempt(() => parse(mountPoint), [...path, "MountPoint"]) ??
    // Without a label of its own it gets one that fits.
    attempt(() => checkPartition({ ...partition, fileSystemLabel: fileSystemLabel || "label" }), path) ??
    []
  );
}

function duplicateProblems(partitions: readonly Partition[]): readonly Problem[] {
  const isSame = (left: string, right: string): boolean => left !== "" && left === right;
  return partitions.flatMap((partition, index) => {
    const earlier = partitions.slice(0, index);
    const { mountPoint, fileSystemLabel, fileSystemType } = partition;
    const isMountedTwice =
      fileSystemType !== "swap" &&
      earlier.some((other) => isSame(withoutSlashes(other.mountPoint), withoutSlashes(mountPoint)));
    const isLabelledTwice = earlier.some((other) => isSame(other.fileSystemLabel, fileSystemLabel));
    const path = ["BootDriveLayout", index];
    return [
      ...(isMountedTwice
        ? [errorAt([...path, "MountPoint"], `mount point ${mountPoint} is used twice`)]
        : []),
      ...(isLabelledTwice
        ? [errorAt([...path, "FileSystemLabel"], `label ${JSON.stringify(fileSystemLabel)} is used twice`)]
        : []),
    ];
  });
}

/** With either firmware: the folder does not say which one the machine has. */
function wholeProblems(layout: StorageLayout): readonly Problem[] {
  const path = ["BootDriveLayout"];
  const found = FIRMWARES.map((firmware) => attempt(() => normaliseLayout(layout, firmware), path)?.[0]);
  const [bios, efi] = found;
  const last = ["BootDriveLayout", layout.bootDriveLayout.length - 1];
  if (bios !== undefined) return [{ ...bios, path: refine(bios, last) }];
  // A layout for BIOS machines may well be none for others.
  return efi === undefined ? [] : [warningAt(path, `not for machines that start by EFI: ${efi.message}`)];
}

function refine({ message, path }: Problem, last: JsonPath): JsonPath {
  const key = /^last partition: .* has (\w+)=/.exec(message)?.[1];
  return key === undefined ? path : [...last, key];
}

/** What `check` throws as a problem of `path`, or of the key below it that the message names. */
function attempt(check: () => unknown, path: JsonPath): readonly Problem[] | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!(error instanceof InstallerError)) throw error;
    const message = messageChain(error).replace(/^storage layout: (?:partition \S+: )?/, "");
    const key = error.code === "E_LAYOUT_LABEL" ? "FileSystemLabel" : /^([A-Z]\w+)=/.exec(message)?.[1];
    return [errorAt(key === undefined ? path : [...path, key], message)];
  }
}

function withoutSlashes(mountPoint: string): string {
  return `/${mountPoint
    .split("/")
    .filter((segment) => segment !== "")
    .join("/")}`;
}
