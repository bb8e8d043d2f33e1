import { type DeviceBytes, hasText, type Signature } from "./signature.ts";

const MBR_BYTES = 512;
const BOOT_CODE_BYTES = 440;
const ENTRIES_OFFSET = 446;
const ENTRY_BYTES = 16;
const TYPE_PROTECTIVE = 0xee;

/** Offsets 11 to 89 of a boot sector belong to the file-system when it is one of FAT or NTFS. */
const BOOT_SECTOR_SYSTEMS: readonly (readonly [number, string])[] = [
  [3, "NTFS    "],
  [3, "EXFAT   "],
  [3, "-FVE-FS-"],
  [54, "FAT1"],
  [82, "FAT32"],
];

/** Both sizes of logical sectors: a drive may have been written by an adapter that showed the other one. */
const SECTOR_BYTES = [512, 4096] as const;

/** MBR table (spec of the PC BIOS) and boot code in front of it. */
export function findMbr(device: DeviceBytes): readonly Signature[] {
  const sector = device.read(0, MBR_BYTES);
  if (sector === undefined || sector.readUInt16LE(510) !== 0xaa55) return [];
  const bootCode: readonly Signature[] = sector.subarray(0, BOOT_CODE_BYTES).includes("GRUB")
    ? [{ type: "boot-code", text: "GRUB boot code", offsetBytes: 0 }]
    : [];
  return [...bootCode, ...findTable(device, sector)];
}

function findTable(device: DeviceBytes, sector: Buffer): readonly Signature[] {
  if (BOOT_SECTOR_SYSTEMS.some(([offsetBytes, text]) => hasText(device, offsetBytes, text))) return [];
  const entries = [0, 1, 2, 3].map((index) =>
    sector.subarray(ENTRIES_OFFSET + index * ENTRY_BYTES, ENTRIES_OFFSET + (index + 1) * ENTRY_BYTES),
  );
  // The first byte of an entry says active or not; anything else is no partition table.
  if (entries.some((entry) => entry.readUInt8(0) !== 0 && entry.readUInt8(0) !== 0x80)) return [];
  const isProtective = entries.some((entry) => entry.readUInt8(4) === TYPE_PROTECTIVE);
  return [
    isProtective
      ? { type: "protective-mbr", text: "protective MBR", offsetBytes: 510 }
      : { type: "mbr", text: "MBR", offsetBytes: 510 },
  ];
}

/** Header of a GUID partition table in the second sector, or its backup in the last one (UEFI specification 5.3). */
export function findGpt(device: DeviceBytes): readonly Signature[] {
  const places = [
    ...SECTOR_BYTES.map((sectorBytes) => ({ offsetBytes: sectorBytes, text: "GPT" })),
    ...SECTOR_BYTES.map((sectorBytes) => ({
      offsetBytes: device.sizeBytes - sectorBytes,
      text: "backup of a GPT",
    })),
  ];
  return places
    .filter(({ offsetBytes }) => hasText(device, offsetBytes, "EFI PART"))
    .map(({ offsetBytes, text }) => ({ type: "gpt", text, offsetBytes }));
}
