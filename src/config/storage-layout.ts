import { z } from "zod";
import type { Partition, StorageLayout } from "../storage/plan/layout.ts";
import { type Decoded, decode } from "./decode.ts";
import { lineText, unsigned } from "./fields.ts";
import { parseJsonSource } from "./json-source.ts";

const MAXIMUM_ID = 0xffff_fffe;

const partition = z.strictObject({
  mountpoint: lineText.default(""),
  filesystemtype: z
    .enum(["ext4", "vfat"], { error: (issue) => `found ${describe(issue.input)}, expected "ext4" or "vfat"` })
    .default("ext4"),
  filesystemlabel: lineText.default(""),
  minimumbytes: unsigned().default(0),
  minimumfreebytes: unsigned().default(0),
  bytesperinode: unsigned().default(0),
  reservedblockspercentage: unsigned(100).default(0),
  rootgroupid: unsigned(MAXIMUM_ID).default(0),
  rootuserid: unsigned(MAXIMUM_ID).default(0),
});

/** storage-layout.json; keys in lower case, as `decode` wants them. */
const storageLayout = z.strictObject({
  bootdrivelayout: z.array(partition).default([]),
  extramountpointsbasename: lineText.default(""),
  encrypt: z.boolean().default(false),
  usekexec: z.boolean().default(false),
});

/**
 * storage-layout.json as written, defaults filled in (spec/configuration.md section 9); whether it makes sense is for
 * `planStorage` to say. Throws E_CONFIG_SYNTAX or E_CONFIG_VALUE; `file` names the source in messages.
 */
export function parseStorageLayout(file: string, text: string): Decoded<StorageLayout> {
  const { value, warnings } = decode(parseJsonSource(file, text), storageLayout);
  return {
    value: {
      bootDriveLayout: value.bootdrivelayout.map(toPartition),
      extraMountPointsBasename: value.extramountpointsbasename,
      encrypt: value.encrypt,
      useKexec: value.usekexec,
    },
    warnings,
  };
}

function toPartition(decoded: z.output<typeof partition>): Partition {
  return {
    mountPoint: decoded.mountpoint,
    fileSystemType: decoded.filesystemtype,
    fileSystemLabel: decoded.filesystemlabel,
    minimumBytes: decoded.minimumbytes,
    minimumFreeBytes: decoded.minimumfreebytes,
    bytesPerInode: decoded.bytesperinode,
    reservedBlocksPercentage: decoded.reservedblockspercentage,
    rootGroupId: decoded.rootgroupid,
    rootUserId: decoded.rootuserid,
  };
}

function describe(value: unknown): string {
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}
