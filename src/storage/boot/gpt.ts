import { crc32 } from "node:zlib";

/** The GPT's own description (UEFI specification 2.10, section 5.3.2), as far as reading an entry needs it. */
export interface GptHeader {
  readonly entriesLba: number;
  readonly entryCount: number;
  readonly entryBytes: number;
  readonly entriesCrc: number;
}

/** An entry in use (section 5.3.3). */
export interface GptPartition {
  /** Counts from 1. */
  readonly number: number;
  readonly firstLba: bigint;
  /** In logical sectors. */
  readonly sectorCount: bigint;
  /** UniquePartitionGUID, bytes as on the drive. */
  readonly guid: Uint8Array;
}

/** Why a table cannot be read. */
export interface GptDefect {
  readonly defect: string;
}

const SIGNATURE = "EFI PART";
const SMALLEST_HEADER_BYTES = 92;
const ENTRY_BYTES = 128;
const MAX_ENTRIES_BYTES = 2 ** 20;
const GUID_BYTES = 16;

/** Reads the header from its sector, the second of the drive (LBA 1). */
export function parseGptHeader(sector: Uint8Array): GptHeader | GptDefect {
  const bytes = Buffer.from(sector);
  if (bytes.byteLength < SMALLEST_HEADER_BYTES || bytes.toString("latin1", 0, 8) !== SIGNATURE)
    return { defect: "no GPT header" };
  const headerBytes = bytes.readUInt32LE(12);
  if (headerBytes < SMALLEST_HEADER_BYTES || headerBytes > bytes.byteLength)
    return { defect: `GPT header of ${headerBytes} bytes` };
  const summed = Buffer.from(bytes.subarray(0, headerBytes));
  summed.writeUInt32LE(0, 16);
  if (crc32(summed) !== bytes.readUInt32LE(16)) return { defect: "GPT header with a wrong checksum" };
  const [entriesLba, entryCount, entryBytes] = [
    Number(bytes.readBigUInt64LE(72)),
    bytes.readUInt32LE(80),
    bytes.readUInt32LE(84),
  ];
  const isPlausible =
    Number.isSafeInteger(entriesLba * bytes.byteLength) &&
    entryBytes >= ENTRY_BYTES &&
    entryBytes % ENTRY_BYTES === 0 &&
    entryCount * entryBytes <= MAX_ENTRIES_BYTES;
  if (!isPlausible) return { defect: `GPT with ${entryCount} entries of ${entryBytes} bytes` };
  return { entriesLba, entryCount, entryBytes, entriesCrc: bytes.readUInt32LE(88) };
}

/** Reads the entry of partition `number` from the array that `header` describes. */
export function parseGptPartition(
  entries: Uint8Array,
  header: GptHeader,
  number: number,
): GptPartition | GptDefect {
  const arrayBytes = header.entryCount * header.entryBytes;
  const array = Buffer.from(entries).subarray(0, arrayBytes);
  if (array.byteLength < arrayBytes) return { defect: "GPT that ends in its entries" };
  if (crc32(array) !== header.entriesCrc) return { defect: "GPT entries with a wrong checksum" };
  const absent: GptDefect = { defect: `GPT without partition ${number}` };
  if (number < 1 || number > header.entryCount) return absent;
  const entry = array.subarray((number - 1) * header.entryBytes, number * header.entryBytes);
  if (entry.subarray(0, GUID_BYTES).every((byte) => byte === 0)) return absent;
  const firstLba = entry.readBigUInt64LE(32);
  const sectorCount = entry.readBigUInt64LE(40) - firstLba + 1n;
  if (sectorCount < 1n) return { defect: `GPT whose partition ${number} ends before it starts` };
  return {
    number,
    firstLba,
    sectorCount,
    guid: Uint8Array.from(entry.subarray(GUID_BYTES, 2 * GUID_BYTES)),
  };
}
