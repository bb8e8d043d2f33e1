import type { StorageCase } from "./storage-expectation.ts";
import { dataDrivesOf, originalPartitions } from "./storage-layout-facts.ts";

export const EXT4_LABEL_BYTES = 16;

/** The labels that the original gives the data drives. */
export function dataLabels(context: StorageCase): readonly string[] {
  const basename = context.layout?.extraMountPointsBasename ?? "";
  return dataDrivesOf(context).map((_, index) => `${basename}${index + 1}`);
}

/** The label is made of a mount point, not configured. */
export function isDerived(label: string, context: StorageCase): boolean {
  return (
    dataLabels(context).includes(label) ||
    originalPartitions(context).some((partition) => !partition.hasOwnLabel && partition.label === label)
  );
}

/** As mkfs.ext4 cuts it. */
export function cutLabel(label: string): string {
  return Buffer.from(label).subarray(0, EXT4_LABEL_BYTES).toString("utf8");
}
