/** Bytes at an offset; a negative one counts from the end of the device. */
export interface ForgedBytes {
  readonly offsetBytes: number;
  readonly bytes: Buffer;
}

/** What a system leaves on a device, made without it. */
export interface Forgery {
  readonly name: string;
  /** Type and text that must be recognised. */
  readonly type: string;
  readonly text: string;
  readonly memberOf?: string;
  /** How blkid(8) and wipefs(8) call it; "" when they do not know it. */
  readonly blkid: string;
  /** Where they find it, when that is not where we do. */
  readonly blkidOffsetBytes?: number;
  readonly pieces: readonly ForgedBytes[];
}

export const FORGED_SIZE_BYTES = 96 * 2 ** 20;

const KIB = 1024;
const MIB = 1024 * KIB;
const UUID = Buffer.from("0123456789abcdef0123456789abcdef", "hex");

const text = (value: string): Buffer => Buffer.from(value, "latin1");
const at = (offsetBytes: number, bytes: Buffer): ForgedBytes => ({ offsetBytes, bytes });
const textAt = (offsetBytes: number, value: string): ForgedBytes => at(offsetBytes, text(value));

/** A buffer with numbers and texts at places. */
function block(
  lengthBytes: number,
  parts: Readonly<Record<number, string | Buffer | number>>,
  bigEndian = false,
): Buffer {
  const bytes = Buffer.alloc(lengthBytes);
  for (const [place, part] of Object.entries(parts)) {
    const offset = Number(place);
    if (typeof part === "number" && bigEndian) bytes.writeUInt32BE(part, offset);
    else if (typeof part === "number") bytes.writeUInt32LE(part, offset);
    else (typeof part === "string" ? text(part) : part).copy(bytes, offset);
  }
  return bytes;
}

/** lvm2 lib/misc/crc.c */
function lvmChecksum(bytes: Buffer): number {
  let crc = 0xf597a6cf;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return crc >>> 0;
}

function lvmVolume(): readonly ForgedBytes[] {
  const label = block(512, {
    0: "LABELONE",
    8: 1,
    20: 32,
    24: "LVM2 001",
    32: "ABCDEFabcdefABCDEFabcdefABCDEF12",
    // One data area at 1 MiB, the end of that list, one metadata area at 4 KiB.
    72: MIB,
    104: 4096,
    112: MIB - 4096,
  });
  label.writeUInt32LE(lvmChecksum(label.subarray(20)), 16);
  const metadata = block(4096, { 4: " LVM2 x[5A%r0N*>", 20: 1, 24: 4096, 32: MIB - 4096, 40: 512, 48: 64 });
  metadata.write('vg0 {\nid = "x"\n}\n', 512, "latin1");
  return [at(512, label), at(4096, metadata)];
}

function mdSuperblock(place: number): Buffer {
  return block(256, {
    0: 0xa92b4efc,
    4: 1,
    16: UUID,
    32: "host:0",
    72: 1,
    92: 2,
    // The superblock says where it lies, in sectors.
    144: place / 512,
  });
}

function md(version: string, place: number): Forgery {
  return {
    name: `MD ${version}`,
    type: "raid-member",
    text: `member of RAID array host:0 (raid1), metadata ${version}`,
    memberOf: "RAID array host:0 (raid1)",
    blkid: "linux_raid_member",
    pieces: [at(place, mdSuperblock(place))],
  };
}

/** A name-value list in XDR with one number and the pool's name. */
function zfsPairs(): Buffer {
  const version = block(40, { 0: 40, 4: 32, 8: 7, 12: "version", 20: 8, 24: 1, 32: 0 }, true);
  const name = block(36, { 0: 36, 4: 32, 8: 4, 12: "name", 16: 9, 20: 1, 24: 4, 28: "tank" }, true);
  return Buffer.concat([block(12, { 0: "\x01\x01\0\0", 8: 1 }, true), version, name]);
}

function zfsLabel(place: number): readonly ForgedBytes[] {
  const uberblock = Buffer.alloc(40);
  uberblock.writeBigUInt64LE(0x00bab10cn, 0);
  uberblock.writeBigUInt64LE(5000n, 8);
  const ring = [0, 1, 2, 3].map((slot) => at(place + (128 + slot) * KIB, uberblock));
  return [at(place + 16 * KIB, zfsPairs()), ...ring];
}

/** CRC-64 of bcache (drivers/md/bcache/util.c), not reflected. */
function bcacheChecksum(bytes: Buffer): bigint {
  let crc = 0xffffffffffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte) << 56n;
    for (let bit = 0; bit < 8; bit++)
      crc = BigInt.asUintN(64, crc << 1n) ^ ((crc >> 63n) & 1n ? 0x42f0e1eba9ea3693n : 0n);
  }
  return crc ^ 0xffffffffffffffffn;
}

function bcacheSuperblock(): Buffer {
  const magic = Buffer.from("c68573f64e1a45ca8265f57f48ba6d81", "hex");
  // At sector 8, version 1 (backing device), no journal keys.
  const superblock = block(208, { 8: 8, 16: 1, 24: magic, 40: UUID, 56: UUID });
  superblock.writeBigUInt64LE(bcacheChecksum(superblock.subarray(8)), 0);
  return superblock;
}

const SWAP_END = "SWAPSPACE2";

function swap(pageKib: number): Forgery {
  return {
    name: `swap with pages of ${pageKib} KiB`,
    type: "swap",
    text: 'swap "swap0"',
    blkid: "swap",
    pieces: [
      at(1024, block(512, { 0: 1, 4: 1000, 12: UUID, 28: "swap0" })),
      textAt(pageKib * KIB - SWAP_END.length, SWAP_END),
    ],
  };
}

const GROUP = "LVM group vg0";

/** One of each system that cannot be made with the tools of an ordinary machine. */
export const FORGERIES: readonly Forgery[] = [
  {
    name: "LVM",
    type: "lvm-member",
    text: "LVM physical volume of group vg0",
    memberOf: GROUP,
    blkid: "LVM2_member",
    pieces: lvmVolume(),
  },
  md("1.1", 0),
  md("1.2", 4096),
  md("1.0", FORGED_SIZE_BYTES - 8192),
  {
    name: "MD 0.90",
    type: "raid-member",
    text: "member of RAID array 67452301:00000000:00000000:00000000 (raid5), metadata 0.90",
    memberOf: "RAID array 67452301:00000000:00000000:00000000 (raid5)",
    blkid: "linux_raid_member",
    pieces: [at(-64 * KIB, block(4096, { 0: 0xa92b4efc, 4: 0, 8: 90, 20: 0x67452301, 28: 5, 40: 3 }))],
  },
  {
    name: "Intel firmware RAID",
    type: "imsm-member",
    text: "member of an Intel firmware RAID (IMSM)",
    memberOf: "Intel firmware RAID (IMSM)",
    blkid: "isw_raid_member",
    pieces: [textAt(-1024, "Intel Raid ISM Cfg Sig. 1.1.00")],
  },
  {
    name: "DDF",
    type: "ddf-member",
    text: "member of a firmware RAID (DDF)",
    memberOf: "firmware RAID (DDF)",
    blkid: "ddf_raid_member",
    pieces: [at(-512, block(512, { 0: "\xde\x11\xde\x11", 8: "Linux-MD", 32: "01.02.00" }))],
  },
  {
    name: "ZFS",
    type: "zfs-member",
    text: "member of ZFS pool tank",
    memberOf: "ZFS pool tank",
    blkid: "zfs_member",
    // The fourth uberblock, which they take for proof enough.
    blkidOffsetBytes: 131 * KIB,
    pieces: zfsLabel(0),
  },
  {
    name: "ZFS, with only the last label left",
    type: "zfs-member",
    text: "member of ZFS pool tank",
    memberOf: "ZFS pool tank",
    blkid: "zfs_member",
    blkidOffsetBytes: FORGED_SIZE_BYTES - 125 * KIB,
    pieces: zfsLabel(FORGED_SIZE_BYTES - 256 * KIB),
  },
  {
    name: "bcache",
    type: "bcache-member",
    text: "bcache device of set 01234567-89ab-cdef-0123-456789abcdef",
    memberOf: "bcache set 01234567-89ab-cdef-0123-456789abcdef",
    blkid: "bcache",
    pieces: [at(4096, bcacheSuperblock())],
  },
  {
    name: "Ceph",
    type: "ceph-member",
    text: 'Ceph BlueStore "7c3d5cf6-3f4d-4b44-ae0a-2a0c6d5d5d5d"',
    memberOf: "Ceph cluster",
    blkid: "ceph_bluestore",
    pieces: [textAt(0, "bluestore block device\n7c3d5cf6-3f4d-4b44-ae0a-2a0c6d5d5d5d\n")],
  },
  {
    name: "VMFS member",
    type: "vmfs-member",
    text: "VMware VMFS volume member",
    memberOf: "VMware VMFS volume",
    blkid: "VMFS_volume_member",
    pieces: [textAt(MIB, "\x0d\xd0\x01\xc0")],
  },
  {
    name: "DRBD",
    type: "drbd-member",
    text: "DRBD replica",
    memberOf: "DRBD resource",
    blkid: "drbd",
    pieces: [at(-4096, block(4096, { 60: "\x83\x74\x02\x6b", 64: 8 }, true))],
  },
  {
    name: "Stratis",
    type: "stratis-member",
    text: "Stratis pool member",
    memberOf: "Stratis pool",
    blkid: "",
    pieces: [textAt(516, "!Stra0tis\x86\xff\x02\x5e\x41rh")],
  },
  {
    name: "VDO",
    type: "vdo-member",
    text: "VDO volume",
    memberOf: "VDO volume",
    blkid: "vdo",
    pieces: [textAt(0, "dmvdo001")],
  },
  {
    name: "Oracle ASM",
    type: "asm-member",
    text: "Oracle ASM disk",
    memberOf: "Oracle ASM disk group",
    blkid: "oracleasm",
    pieces: [textAt(32, "ORCLDISKVOL1")],
  },
  {
    name: "LUKS1",
    type: "luks",
    text: "LUKS1",
    blkid: "crypto_LUKS",
    pieces: [at(0, block(592, { 0: "LUKS\xba\xbe\0\x01", 8: "aes", 168: "7c3d5cf6-3f4d-4b44-ae0a" }))],
  },
  {
    name: "LUKS2, with only the second header left",
    type: "luks",
    text: 'LUKS2 "secret"',
    blkid: "crypto_LUKS",
    pieces: [at(16 * KIB, block(4096, { 0: "SKUL\xba\xbe\0\x02", 24: "secret" }))],
  },
  swap(4),
  swap(8),
  swap(16),
  swap(64),
  {
    name: "BitLocker",
    type: "bitlocker",
    text: "BitLocker",
    blkid: "BitLocker",
    blkidOffsetBytes: 0,
    pieces: [
      // The boot sector says where the metadata lies.
      at(0, block(512, { 0: "\xeb\x58\x90-FVE-FS-", 176: 64 * KIB })),
      at(64 * KIB, block(64, { 0: "-FVE-FS-", 10: "\x02\0" })),
    ],
  },
  {
    name: "squashfs",
    type: "squashfs",
    text: "squashfs",
    blkid: "squashfs",
    pieces: [at(0, block(96, { 0: "hsqs", 28: "\x04\0" }))],
  },
  {
    name: "f2fs",
    type: "f2fs",
    text: "f2fs",
    blkid: "f2fs",
    pieces: [at(1024, block(3072, { 0: 0xf2f52010, 4: 1 }))],
  },
  {
    name: "ISO 9660",
    type: "iso9660",
    text: 'ISO 9660 "DEBIAN"',
    blkid: "iso9660",
    pieces: [textAt(32768, "\x01CD001\x01"), textAt(32768 + 40, "DEBIAN")],
  },
];

/** The device that a forgery lies on. */
export function forgedDevice({ pieces }: Pick<Forgery, "pieces">): Buffer {
  const device = Buffer.alloc(FORGED_SIZE_BYTES);
  for (const { offsetBytes, bytes } of pieces)
    bytes.copy(device, offsetBytes < 0 ? FORGED_SIZE_BYTES + offsetBytes : offsetBytes);
  return device;
}
