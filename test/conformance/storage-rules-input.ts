import type { ErrorCode } from "../../src/core/error-codes.ts";
import type { Expectation } from "./storage-expectation.ts";
import { meaningOf } from "./storage-meaning.ts";
import type { StorageRule } from "./storage-rules.ts";
import type { VectorDrive } from "./storage-vector.ts";

/** Rules about what is refused, and what is not: by them the original's later results do not matter. */
export const INPUT_RULES: readonly StorageRule[] = [
  {
    id: "R-STO-CONFIG-ERRORS",
    apply(expectation, { layout, recorded }) {
      if (layout !== undefined || recorded.error === undefined) return false;
      refuse(expectation, ["E_CONFIG_MISSING", "E_CONFIG_SYNTAX", "E_CONFIG_VALUE"]);
      expectation.log = [];
      return true;
    },
  },
  {
    id: "R-STO-FILE-SYSTEM-TYPES",
    apply(expectation, { layout, recorded }) {
      if (layout === undefined || recorded.error !== "UNKNOWN FileSystemType") return false;
      const types = layout.bootDriveLayout.map(({ fileSystemType }) => fileSystemType);
      const isSmall = layout.bootDriveLayout.some(
        ({ fileSystemType, minimumBytes, minimumFreeBytes }) =>
          Math.max(minimumBytes, minimumFreeBytes) < (SMALLEST_BYTES[fileSystemType] ?? 0),
      );
      expectation.log = [];
      expectation.hasLargeDrives = true;
      expectation.error = isSmall ? { codes: ["E_LAYOUT_SIZE"] } : undefined;
      if (!isSmall)
        expectation.checks = [
          ({ events }) => {
            const made = [...meaningOf(events).volumes.values()].map(
              ({ fileSystem }) => fileSystem?.["type"],
            );
            return types.find((type) => !made.includes(type === "swap" ? "mkswap" : type));
          },
        ];
      return true;
    },
  },
  {
    id: "R-STO-NO-IMAGE",
    apply(expectation, { vector }) {
      if (vector.image !== "") return false;
      expectation.unmountError = undefined;
      expectation.driveOrder = undefined;
      expectation.log = [];
      expectation.files = undefined;
      expectation.logFiles = undefined;
      return true;
    },
  },
  {
    id: "R-STO-UNUSABLE-DRIVES",
    apply(expectation, { vector }) {
      const unusable = vector.drives.filter((drive) => isConsidered(drive) && isUnusable(drive));
      if (unusable.length === 0) return false;
      const order = usableInOrder(vector.drives);
      forgetResult(expectation);
      expectation.error = order.length === 0 ? { text: "no drives found" } : undefined;
      expectation.driveOrder = order.length === 0 ? undefined : order;
      expectation.log = [];
      expectation.checks = [];
      expectation.hasLargeDrives = true;
      return true;
    },
  },
  {
    id: "R-BOOT-NO-KERNEL",
    apply(expectation, { imagePaths, recorded }) {
      const names = [...imagePaths].map((path) => /^\/boot\/([^/]+)$/.exec(path)?.[1] ?? "");
      const isBootable = names.some((name) => name.startsWith("vmlinuz-")) && names.some(isInitrd);
      const wentOn = expectation.meaning !== undefined || recorded.crash !== undefined;
      if (!wentOn || imagePaths.size === 0 || isBootable) return false;
      refuse(expectation, ["E_BOOT_FILES"]);
      return true;
    },
  },
  {
    id: "R-STO-OLD-SYSTEM-OPTIONAL",
    apply(expectation, { recorded }) {
      const failed = (recorded.before ?? []).some(({ run, fails }) => run !== undefined && fails === true);
      if (!failed || recorded.error === undefined) return false;
      forgetResult(expectation);
      expectation.isNothingMadeToFail = true;
      expectation.error = undefined;
      expectation.checks = [];
      expectation.hasLargeDrives = true;
      return true;
    },
  },
  {
    id: "R-STO-SELECTION",
    apply(expectation, { vector, recorded }) {
      if (vector.driveSelectorOutput === undefined || recorded.error !== undefined) return false;
      const names = vector.driveSelectorOutput
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"));
      if (names.length > 0 && new Set(names).size === names.length) return false;
      refuse(expectation, ["E_DRIVE_SELECTION"]);
      return true;
    },
  },
];

function isInitrd(name: string): boolean {
  return name.startsWith("initrd.img-") || name.startsWith("initramfs-");
}

/** What their mkfs takes at least. */
const SMALLEST_BYTES: Readonly<Record<string, number>> = {
  xfs: 300 * 2 ** 20,
  btrfs: 109 * 2 ** 20,
  swap: 2 ** 20,
};

/** Nothing is changed, however large the drives are, and the error has one of these codes. */
export function refuse(expectation: Expectation, codes: readonly ErrorCode[]): void {
  forgetResult(expectation);
  expectation.error = { codes };
  expectation.hasLargeDrives = true;
}

/** What the original came to does not matter. */
function forgetResult(expectation: Expectation): void {
  expectation.meaning = undefined;
  expectation.files = undefined;
  expectation.key = undefined;
  expectation.rebooter = undefined;
  expectation.logFiles = undefined;
  expectation.unmountError = undefined;
  expectation.selected = undefined;
}

/** What the original looks at more closely. */
function isConsidered({ partition, nodevice, notlink }: VectorDrive): boolean {
  return partition !== true && nodevice !== true && notlink !== true;
}

function isUnusable({ name, removable, sizeSectors }: VectorDrive): boolean {
  const isRemovableKnown = /^\s*-?\d+\s*$/.test(removable ?? "");
  return !isRemovableKnown || !(Number(sizeSectors) > 0) || /^mmcblk\d+(boot\d+|rpmb)$/.test(name);
}

function usableInOrder(drives: readonly VectorDrive[]): readonly string[] {
  return drives
    .filter((drive) => isConsidered(drive) && !isUnusable(drive))
    .filter(({ removable, unreadable }) => Number(removable) === 0 && unreadable !== true)
    .toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
    .toSorted((a, b) => Buffer.compare(busLocation(a.link), busLocation(b.link)))
    .map(({ name }) => name);
}

function busLocation(link: string): Buffer {
  const parts = link.split("/");
  return Buffer.from(parts.length > 5 ? parts.slice(3, -2).join("/") : link);
}
