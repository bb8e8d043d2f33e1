import { cleanText, type DeviceBytes, type Signature } from "./signature.ts";

const KIB = 1024;
const LABEL_BYTES = 256 * KIB;
/** Inside a label: 8 KiB blank, 8 KiB boot header, 112 KiB of name-value pairs, 128 KiB ring of uberblocks. */
const PAIRS_OFFSET = 16 * KIB;
const PAIRS_BYTES = 112 * KIB;
const RING_OFFSET = 128 * KIB;
const RING_BYTES = 128 * KIB;
const SMALLEST_SLOT_BYTES = KIB;
const UBERBLOCK_MAGIC = 0x00bab10cn;
const MOST_PAIRS = 256;
const TYPE_STRING = 9;

/** A device of a ZFS pool: two labels at its start, two at its end (ZFS on-disk specification, chapter 1). */
export function findZfs(device: DeviceBytes): readonly Signature[] {
  const end = Math.floor(device.sizeBytes / LABEL_BYTES) * LABEL_BYTES;
  const labels = [0, LABEL_BYTES, end - 2 * LABEL_BYTES, end - LABEL_BYTES];
  return [...new Set(labels)].flatMap((label) => {
    const offsetBytes = findUberblock(device, label + RING_OFFSET);
    if (offsetBytes === undefined) return [];
    const pool = readPoolName(device.read(label + PAIRS_OFFSET, PAIRS_BYTES));
    const name = pool === undefined || pool === "" ? "ZFS pool" : `ZFS pool ${pool}`;
    return [{ type: "zfs-member", text: `member of ${name}`, offsetBytes, memberOf: name }];
  });
}

/** Place of the first uberblock of a ring, of either byte order. */
function findUberblock(device: DeviceBytes, ring: number): number | undefined {
  const bytes = device.read(ring, RING_BYTES);
  if (bytes === undefined) return undefined;
  for (let slot = 0; slot < RING_BYTES; slot += SMALLEST_SLOT_BYTES) {
    if (bytes.readBigUInt64LE(slot) === UBERBLOCK_MAGIC || bytes.readBigUInt64BE(slot) === UBERBLOCK_MAGIC)
      return ring + slot;
  }
  return undefined;
}

/** The string called `name` in a list of pairs in XDR form (RFC 4506). */
function readPoolName(pairs: Buffer | undefined): string | undefined {
  // Four bytes say how the list is encoded (1: XDR), then come version and flags.
  if (pairs?.readUInt8(0) !== 1) return undefined;
  let place = 12;
  for (let count = 0; count < MOST_PAIRS && place + 12 <= pairs.byteLength; count++) {
    const pairBytes = pairs.readUInt32BE(place);
    if (pairBytes < 12) return undefined;
    const pair = pairs.subarray(place, place + pairBytes);
    const value = readStringPair(pair, "name");
    if (value !== undefined) return value;
    place += pairBytes;
  }
  return undefined;
}

function readStringPair(pair: Buffer, wanted: string): string | undefined {
  const name = readXdrString(pair, 8);
  if (name === undefined || name.text !== wanted) return undefined;
  // Type and number of elements stand before the value.
  if (name.end + 8 > pair.byteLength || pair.readUInt32BE(name.end) !== TYPE_STRING) return undefined;
  return readXdrString(pair, name.end + 8)?.text;
}

function readXdrString(
  bytes: Buffer,
  place: number,
): { readonly text: string; readonly end: number } | undefined {
  if (place + 4 > bytes.byteLength) return undefined;
  const length = bytes.readUInt32BE(place);
  const end = place + 4 + Math.ceil(length / 4) * 4;
  if (end > bytes.byteLength) return undefined;
  return { text: cleanText(bytes.subarray(place + 4, place + 4 + length)), end };
}
