/** The file-systems that an old system's root may lie on. */
export type OldFileSystemType = "ext4" | "xfs" | "btrfs";

export interface OldFileSystem {
  readonly type: OldFileSystemType;
  /** "" when it has none. */
  readonly label: string;
}

/** As much of the start of a device as probeFileSystem looks at: up to the end of btrfs' superblock. */
export const PROBE_BYTES = 68 * 1024;

interface Superblock {
  readonly type: OldFileSystemType;
  readonly magicOffset: number;
  readonly magic: Buffer;
  readonly labelOffset: number;
  readonly labelBytes: number;
}

/**
 * Linux kernel: fs/ext4/ext4.h (ext2 and ext3 have the same magic number, and the same driver), fs/xfs/libxfs/xfs_format.h,
 * include/uapi/linux/btrfs_tree.h.
 */
const SUPERBLOCKS: readonly Superblock[] = [
  {
    type: "ext4",
    magicOffset: 1024 + 0x38,
    magic: Buffer.from([0x53, 0xef]),
    labelOffset: 1024 + 0x78,
    labelBytes: 16,
  },
  { type: "xfs", magicOffset: 0, magic: Buffer.from("XFSB"), labelOffset: 108, labelBytes: 12 },
  {
    type: "btrfs",
    magicOffset: 0x10000 + 0x40,
    magic: Buffer.from("_BHRfS_M"),
    labelOffset: 0x10000 + 0x12b,
    labelBytes: 256,
  },
];

/** The file-system whose superblock is in `head`, the first PROBE_BYTES of a device; undefined for any other content. */
export function probeFileSystem(head: Buffer): OldFileSystem | undefined {
  for (const { type, magicOffset, magic, labelOffset, labelBytes } of SUPERBLOCKS) {
    if (!head.subarray(magicOffset, magicOffset + magic.byteLength).equals(magic)) continue;
    const label = head.subarray(labelOffset, labelOffset + labelBytes);
    const end = label.indexOf(0);
    return { type, label: label.subarray(0, end < 0 ? label.byteLength : end).toString("utf8") };
  }
  return undefined;
}
