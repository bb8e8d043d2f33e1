import { cleanText, type DeviceBytes, hasText, type Signature } from "./signature.ts";

const SECTOR_BYTES = 512;
const LABEL_SECTORS = [0, 1, 2, 3] as const;
const METADATA_MAGIC = " LVM2 x[5A%r0N*>";
const MOST_AREAS = 16;

/** An LVM2 physical volume: its label lies in one of the first four sectors (lvm2 lib/label/label.h). */
export function findLvm(device: DeviceBytes): readonly Signature[] {
  return LABEL_SECTORS.flatMap((sector) => {
    const place = sector * SECTOR_BYTES;
    if (!hasText(device, place, "LABELONE") || !hasText(device, place + 24, "LVM2 001")) return [];
    const group = readGroupName(device, place);
    const memberOf = group === undefined ? "LVM volume group" : `LVM group ${group}`;
    const text = `LVM physical volume${group === undefined ? "" : ` of group ${group}`}`;
    return [{ type: "lvm-member", text, offsetBytes: place + 24, memberOf }];
  });
}

/** The name that the metadata text starts with; undefined when there is none or it lies where nothing was read. */
function readGroupName(device: DeviceBytes, labelPlace: number): string | undefined {
  const headerOffset = device.read(labelPlace + 20, 4)?.readUInt32LE();
  if (headerOffset === undefined) return undefined;
  // Identity (32 bytes) and size of the volume, then two lists of areas, each ended by a zero entry.
  let place = labelPlace + headerOffset + 40;
  let lists = 0;
  for (let area = 0; area < MOST_AREAS; area++, place += 16) {
    const offset = readCount(device, place);
    if (offset === undefined) return undefined;
    if (offset === 0) lists++;
    if (offset === 0 || lists === 0) continue;
    return lists === 1 ? readMetadataName(device, offset) : undefined;
  }
  return undefined;
}

function readMetadataName(device: DeviceBytes, area: number): string | undefined {
  if (!hasText(device, area + 4, METADATA_MAGIC)) return undefined;
  const offset = readCount(device, area + 40);
  if (offset === undefined || offset === 0) return undefined;
  const text = device.read(area + offset, 128)?.toString("latin1") ?? "";
  const [, name] = /^([A-Za-z0-9_+.][A-Za-z0-9_+.-]{0,126}) \{/.exec(text) ?? [];
  return name === undefined ? undefined : cleanText(Buffer.from(name));
}

/** A 64-bit number; undefined beyond what JavaScript counts exactly. */
function readCount(device: DeviceBytes, place: number): number | undefined {
  const value = device.read(place, 8)?.readBigUInt64LE();
  return value === undefined || value > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(value);
}
