import { originalPartitions } from "./storage-layout-facts.ts";
import { meaningOf } from "./storage-meaning.ts";
import type { StorageRule } from "./storage-rules.ts";
import { refuse } from "./storage-rules-input.ts";
import type { Outcome } from "./storage-run.ts";

/** Rules about the EFI partition, which the original sometimes makes twice. */
export const EFI_RULES: readonly StorageRule[] = [
  {
    id: "R-STO-ONE-EFI",
    apply(expectation, context) {
      const partitions = originalPartitions(context);
      const own = partitions.filter(
        ({ configured, mountPoint }) => configured && EFI_MOUNT_POINTS.includes(mountPoint),
      );
      const place = own[0]?.mountPoint;
      if (!context.vector.efi || place === undefined || expectation.meaning === undefined) return false;
      refuse(expectation, ["E_LAYOUT_MOUNT_POINT"]);
      if (own.length > 1) return true;
      expectation.error = undefined;
      const isTakingBoot =
        context.layout?.bootDriveLayout.some(({ mountPoint }) => mountPoint === "/boot") === true;
      // A /boot of the layout is not the EFI partition any more, and stays what it is.
      const count = partitions.length - (isTakingBoot ? 0 : 1);
      expectation.checks = [(outcome) => findEfiFault(outcome, place, count)];
      return true;
    },
  },
];

const EFI_MOUNT_POINTS = ["/mnt/efi", "/boot/efi"];
const SMALLEST_EFI_MIB = 128;

/** Why the EFI partition of the layout is not the only one, and the first of `count` partitions. */
function findEfiFault({ events, installed }: Outcome, place: string, count: number): string | undefined {
  const { drives, mounts, bootLoader } = meaningOf(events);
  const table = [...drives.values()].find((drive) => drive.table !== undefined)?.table;
  const [first] = table?.partitions ?? [];
  if (first?.type !== "fat32" || Number(first.end) - Number(first.start) < SMALLEST_EFI_MIB)
    return `the first partition is ${JSON.stringify(first)}`;
  if (table?.partitions.length !== count)
    return `there are ${table?.partitions.length} partitions, expected ${count}`;
  const mounted = mounts.filter(({ on }) => on === `/mnt${place}`);
  if (mounted.length !== 1 || mounted[0]?.type !== "vfat")
    return `mounted on ${place}: ${JSON.stringify(mounted)}`;
  if (bootLoader?.["--efi-directory"] !== place)
    return `the boot loader goes to ${bootLoader?.["--efi-directory"]}`;
  const lines = (installed?.texts["etc/fstab"] ?? "")
    .split("\n")
    .filter((line) => line.split(/ +/)[1] === place);
  return lines.length === 1 ? undefined : `fstab has ${lines.length} lines for ${place}`;
}
