import {
  cleanText,
  type DeviceBytes,
  formatUuid,
  hasText,
  type Recogniser,
  type Signature,
} from "./signature.ts";

const KIB = 1024;
const MD_MAGIC = 0xa92b4efc;

/** Linux MD arrays with a version-1 superblock at the start (1.1), 4 KiB in (1.2) or near the end (1.0); md(4). */
export function findMd1(device: DeviceBytes): readonly Signature[] {
  const sectors = Math.floor(device.sizeBytes / 512);
  const nearEnd = Math.floor((sectors - 16) / 8) * 8 * 512;
  const places = [
    { offsetBytes: 0, version: "1.1" },
    { offsetBytes: 4 * KIB, version: "1.2" },
    { offsetBytes: nearEnd, version: "1.0" },
  ];
  return places.flatMap(({ offsetBytes, version }) => {
    const superblock = device.read(offsetBytes, 256);
    if (superblock?.readUInt32LE(0) !== MD_MAGIC || superblock.readUInt32LE(4) !== 1) return [];
    const name = cleanText(superblock.subarray(32, 64)) || formatUuid(superblock.subarray(16, 32));
    return [describeMd(offsetBytes, version, name, superblock.readInt32LE(72))];
  });
}

/** Linux MD arrays of the old format: the superblock lies in the last 64 KiB block but one, at a multiple of 64 KiB. */
export function findMd0(device: DeviceBytes): readonly Signature[] {
  const offsetBytes = Math.floor(device.sizeBytes / (64 * KIB)) * 64 * KIB - 64 * KIB;
  const superblock = device.read(offsetBytes, 256);
  if (superblock?.readUInt32LE(0) !== MD_MAGIC || superblock.readUInt32LE(4) !== 0) return [];
  const uuid = [20, 52, 56, 60].map((at) => superblock.readUInt32LE(at).toString(16).padStart(8, "0"));
  return [describeMd(offsetBytes, "0.90", uuid.join(":"), superblock.readInt32LE(28))];
}

function describeMd(offsetBytes: number, version: string, name: string, level: number): Signature {
  const array = `RAID array ${name} (${level === -1 ? "linear" : `raid${level}`})`;
  const text = `member of ${array}, metadata ${version}`;
  return { type: "raid-member", text, offsetBytes, memberOf: array };
}

/** Intel's firmware RAID: the last sector but one. */
export function findIntelRaid(device: DeviceBytes): readonly Signature[] {
  return [512, 4096]
    .map((sectorBytes) => device.sizeBytes - 2 * sectorBytes)
    .filter((offsetBytes) => hasText(device, offsetBytes, "Intel Raid ISM Cfg Sig. "))
    .map((offsetBytes) => ({
      type: "imsm-member",
      text: "member of an Intel firmware RAID (IMSM)",
      offsetBytes,
      memberOf: "Intel firmware RAID (IMSM)",
    }));
}

/** The disk data format of SNIA, which RAID controllers and firmware use: an anchor header in the last sector. */
export function findDdf(device: DeviceBytes): readonly Signature[] {
  return [device.sizeBytes - 512, device.sizeBytes - 4096, device.sizeBytes - 257 * 512]
    .filter((offsetBytes) => hasText(device, offsetBytes, "\xde\x11\xde\x11"))
    .map((offsetBytes) => ({
      type: "ddf-member",
      text: "member of a firmware RAID (DDF)",
      offsetBytes,
      memberOf: "firmware RAID (DDF)",
    }));
}

const DRBD_METADATA_BYTES = 4 * KIB;
const DRBD_MAGICS = ["\x83\x74\x02\x6b", "\x83\x74\x02\x6c", "\x83\x74\x02\x6d"];

/** A DRBD replica that keeps its metadata at its own end. */
export function findDrbd(device: DeviceBytes): readonly Signature[] {
  const end = Math.floor(device.sizeBytes / DRBD_METADATA_BYTES) * DRBD_METADATA_BYTES;
  const offsetBytes = end - DRBD_METADATA_BYTES + 60;
  if (!DRBD_MAGICS.some((magic) => hasText(device, offsetBytes, magic))) return [];
  return [{ type: "drbd-member", text: "DRBD replica", offsetBytes, memberOf: "DRBD resource" }];
}

const BCACHE_OFFSET = 4 * KIB + 24;

/** A cache or backing device of bcache, or a member of a bcachefs, which took over the layout. */
export const findBcache: Recogniser = (device) => {
  const magic = device.read(BCACHE_OFFSET, 16)?.toString("hex");
  const set = device.read(4 * KIB + 56, 16);
  if (set === undefined) return [];
  const name = set.every((byte) => byte === 0) ? "" : ` ${formatUuid(set)}`;
  switch (magic) {
    case "c68573f64e1a45ca8265f57f48ba6d81":
      return [
        {
          type: "bcache-member",
          text: `bcache device${name === "" ? "" : ` of set${name}`}`,
          offsetBytes: BCACHE_OFFSET,
          memberOf: `bcache set${name}`,
        },
      ];
    case "c68573f666ce90a9d96a60cf803df7ef":
      return [
        {
          type: "bcachefs",
          text: "bcachefs",
          offsetBytes: BCACHE_OFFSET,
          memberOf: "bcachefs file-system",
        },
      ];
    default:
      return [];
  }
};
