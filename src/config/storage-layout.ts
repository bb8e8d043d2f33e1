import { z } from "zod";
import { FILE_SYSTEM_TYPES, MOUNT_BY, type Partition, type StorageLayout } from "../storage/plan/layout.ts";
import { type CheckedFile, checkFile, mapValue } from "./check-file.ts";
import { type Decoded, requireValue } from "./decode.ts";
import { bootDriveSelector, dataDriveSelector } from "./drive-selector.ts";
import { ignored, lineText, oneOf, unsigned } from "./fields.ts";

const MAXIMUM_ID = 0xffff_fffe;

const partition = z.object({
  MountPoint: lineText
    .default("")
    .describe("Where it is mounted in the new system; of swap nothing, none or swap."),
  FileSystemType: oneOf(FILE_SYSTEM_TYPES).default("ext4").describe("What it is formatted as."),
  FileSystemLabel: lineText.default("").describe("Label of the file-system; else made from the mount point."),
  MinimumBytes: unsigned().default(0).describe("The partition is at least this large."),
  MinimumFreeBytes: unsigned()
    .default(0)
    .describe("The partition holds at least this much; for / the size of the image is added."),
  BytesPerInode: unsigned().default(0).describe("ext4: one inode for so many bytes; 0: chosen by the size."),
  ReservedBlocksPercentage: unsigned(100).default(0).describe("ext4: blocks that only root may use; 0: 5 %."),
  RootGroupId: unsigned(MAXIMUM_ID)
    .default(0)
    .describe("ext4: group of the root directory of the file-system."),
  RootUserId: unsigned(MAXIMUM_ID)
    .default(0)
    .describe("ext4: owner of the root directory of the file-system."),
});

/** storage-layout.json (spec/configuration.md section 9; MountBy, BootDrive and DataDrives are ours). */
export const storageLayoutSchema = z
  .looseObject({
    $schema: ignored.schema,
    BootDriveLayout: z
      .array(partition)
      .default([])
      .describe("Partitions of the boot drive, in disk order; the last one takes the rest."),
    ExtraMountPointsBasename: lineText
      .default("")
      .describe("Prefix of the mount points of data file-systems: /data/ gives /data/0, /data/1."),
    Encrypt: z.boolean().default(false).describe("Encrypt everything except /, /boot and the EFI partition."),
    UseKexec: z.boolean().default(false).describe("Start the new system by kexec in place of the firmware."),
    MountBy: oneOf(MOUNT_BY).default("label").describe("How the new system finds its file-systems."),
    BootDrive: bootDriveSelector
      .optional()
      .describe("The one drive to install to; it must match exactly one."),
    DataDrives: z.array(dataDriveSelector).optional().describe("The data drives; no others are touched."),
  })
  .superRefine(refuseMisspeltSelectors);

/**
 * storage-layout.json as written, defaults filled in; whether it makes sense is for `planStorage` to say. `file` names
 * the source in messages.
 */
export function checkStorageLayout(file: string, text: string): CheckedFile<StorageLayout> {
  return mapValue(checkFile(file, text, storageLayoutSchema), toStorageLayout);
}

/** As checkStorageLayout. Throws E_CONFIG_SYNTAX or E_CONFIG_VALUE. */
export function parseStorageLayout(file: string, text: string): Decoded<StorageLayout> {
  return requireValue(checkStorageLayout(file, text));
}

/** A misspelt `BootDrive` or `DataDrives`, left unread, would leave all drives of the machine to be erased. */
function refuseMisspeltSelectors(layout: object, context: z.core.$RefinementCtx): void {
  for (const key of Object.keys(layout)) {
    if (key in storageLayoutSchema.shape || !/drive|disk/i.test(key)) continue;
    const message = "unknown key that seems to choose drives, expected BootDrive or DataDrives";
    context.addIssue({ code: "custom", path: [key], message });
  }
}

function toStorageLayout(decoded: z.output<typeof storageLayoutSchema>): StorageLayout {
  return {
    bootDriveLayout: decoded.BootDriveLayout.map(toPartition),
    extraMountPointsBasename: decoded.ExtraMountPointsBasename,
    encrypt: decoded.Encrypt,
    useKexec: decoded.UseKexec,
    mountBy: decoded.MountBy,
    ...(decoded.BootDrive === undefined ? {} : { bootDrive: decoded.BootDrive }),
    ...(decoded.DataDrives === undefined ? {} : { dataDrives: decoded.DataDrives }),
  };
}

function toPartition(decoded: z.output<typeof partition>): Partition {
  return {
    mountPoint: decoded.MountPoint,
    fileSystemType: decoded.FileSystemType,
    fileSystemLabel: decoded.FileSystemLabel,
    minimumBytes: decoded.MinimumBytes,
    minimumFreeBytes: decoded.MinimumFreeBytes,
    bytesPerInode: decoded.BytesPerInode,
    reservedBlocksPercentage: decoded.ReservedBlocksPercentage,
    rootGroupId: decoded.RootGroupId,
    rootUserId: decoded.RootUserId,
  };
}
