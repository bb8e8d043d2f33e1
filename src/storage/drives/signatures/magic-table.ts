import { cleanText, type DeviceBytes, formatLabel, hasText, type Signature } from "./signature.ts";

/** A system that a fixed string at a fixed place is enough to recognise. */
interface Magic {
  readonly type: string;
  readonly name: string;
  readonly offsetBytes: number;
  /** One byte a character. */
  readonly magic: string;
  /** Where its label or identity stands, in bytes from the start of the device. */
  readonly label?: { readonly offsetBytes: number; readonly lengthBytes: number };
  readonly memberOf?: string;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** Places and bytes as in the sources of util-linux (libblkid/src/superblocks). */
const MAGICS: readonly Magic[] = [
  { type: "ntfs", name: "NTFS", offsetBytes: 3, magic: "NTFS    " },
  { type: "exfat", name: "exFAT", offsetBytes: 3, magic: "EXFAT   " },
  { type: "bitlocker", name: "BitLocker", offsetBytes: 3, magic: "-FVE-FS-" },
  { type: "squashfs", name: "squashfs", offsetBytes: 0, magic: "hsqs" },
  { type: "erofs", name: "erofs", offsetBytes: KIB, magic: "\xe2\xe1\xf5\xe0" },
  { type: "f2fs", name: "f2fs", offsetBytes: KIB, magic: "\x10\x20\xf5\xf2" },
  { type: "hfsplus", name: "HFS+", offsetBytes: KIB, magic: "H+\0\x04" },
  { type: "hfsplus", name: "HFSX", offsetBytes: KIB, magic: "HX\0\x05" },
  { type: "apfs", name: "APFS", offsetBytes: 32, magic: "NXSB" },
  { type: "jfs", name: "JFS", offsetBytes: 32 * KIB, magic: "JFS1" },
  { type: "reiserfs", name: "ReiserFS", offsetBytes: 64 * KIB + 52, magic: "ReIsErFs" },
  { type: "reiserfs", name: "ReiserFS", offsetBytes: 64 * KIB + 52, magic: "ReIsEr2Fs" },
  {
    type: "xfs",
    name: "xfs",
    offsetBytes: 0,
    magic: "XFSB",
    label: { offsetBytes: 108, lengthBytes: 12 },
  },
  {
    type: "iso9660",
    name: "ISO 9660",
    offsetBytes: 32 * KIB + 1,
    magic: "CD001",
    label: { offsetBytes: 32 * KIB + 40, lengthBytes: 32 },
  },
  { type: "udf", name: "UDF", offsetBytes: 32 * KIB + 1, magic: "BEA01" },
  {
    type: "gfs2",
    name: "GFS2",
    offsetBytes: 64 * KIB,
    magic: "\x01\x16\x19\x70",
    memberOf: "GFS2 cluster file-system",
  },
  {
    type: "ceph-member",
    name: "Ceph BlueStore",
    offsetBytes: 0,
    magic: "bluestore block device",
    label: { offsetBytes: 23, lengthBytes: 36 },
    memberOf: "Ceph cluster",
  },
  {
    type: "vmfs-member",
    name: "VMware VMFS volume member",
    offsetBytes: MIB,
    magic: "\x0d\xd0\x01\xc0",
    memberOf: "VMware VMFS volume",
  },
  {
    type: "vmfs",
    name: "VMware VMFS",
    offsetBytes: 2 * MIB,
    magic: "\x5e\xf1\xab\x2f",
    memberOf: "VMware VMFS volume",
  },
  {
    type: "stratis-member",
    name: "Stratis pool member",
    offsetBytes: 516,
    magic: "!Stra0tis\x86\xff\x02\x5e\x41rh",
    memberOf: "Stratis pool",
  },
  { type: "vdo-member", name: "VDO volume", offsetBytes: 0, magic: "dmvdo001", memberOf: "VDO volume" },
  {
    type: "asm-member",
    name: "Oracle ASM disk",
    offsetBytes: 32,
    magic: "ORCLDISK",
    memberOf: "Oracle ASM disk group",
  },
];

/** Everything of the table that the device carries. */
export function findMagics(device: DeviceBytes): readonly Signature[] {
  return MAGICS.filter(({ offsetBytes, magic }) => hasText(device, offsetBytes, magic)).map(
    ({ type, name, offsetBytes, label, memberOf }) => {
      const bytes = label && device.read(label.offsetBytes, label.lengthBytes);
      const text = `${name}${formatLabel(bytes === undefined ? "" : cleanText(bytes))}`;
      return { type, text, offsetBytes, ...(memberOf === undefined ? {} : { memberOf }) };
    },
  );
}
