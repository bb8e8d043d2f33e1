import type { FileSystem } from "../../system/files.ts";
import { findLuks, LUKS2_SECOND_HEADERS } from "./signatures/encryption.ts";
import { findBtrfs, findExt, findFat, findSwap } from "./signatures/file-systems.ts";
import { findLvm } from "./signatures/lvm.ts";
import { findMagics } from "./signatures/magic-table.ts";
import { findGpt, findMbr } from "./signatures/partition-tables.ts";
import { findBcache, findDdf, findDrbd, findIntelRaid, findMd0, findMd1 } from "./signatures/raid.ts";
import type { DeviceBytes, Recogniser, Signature } from "./signatures/signature.ts";
import { findZfs } from "./signatures/zfs.ts";

/** A stretch of a device, in bytes. */
export interface ByteRange {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** Bytes that were read from the start of a range on. */
export interface Piece {
  readonly offsetBytes: number;
  readonly bytes: Buffer;
}

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const BLOCK_BYTES = 4096;

/** The start and the end hold nearly everything; some systems keep more at round places. */
const END_BYTES = MIB;
const ROUND_PLACES = [...LUKS2_SECOND_HEADERS, 2 * MIB, 64 * MIB, 256 * GIB];

const RECOGNISERS: readonly Recogniser[] = [
  findGpt,
  findMbr,
  findLvm,
  findMd1,
  findMd0,
  findIntelRaid,
  findDdf,
  findZfs,
  findBcache,
  findDrbd,
  findLuks,
  findExt,
  findBtrfs,
  findSwap,
  findFat,
  findMagics,
];

/** What findSignatures wants to see of a device of this size: in order, not overlapping, inside the device. */
export function signatureRanges(sizeBytes: number): readonly ByteRange[] {
  const ranges = [
    { start: 0, end: END_BYTES },
    ...ROUND_PLACES.map((place) => ({ start: place, end: place + BLOCK_BYTES })),
    { start: Math.floor((sizeBytes - END_BYTES) / BLOCK_BYTES) * BLOCK_BYTES, end: sizeBytes },
  ]
    .map(({ start, end }) => ({ start: Math.max(0, start), end: Math.min(end, sizeBytes) }))
    .filter(({ start, end }) => start < end)
    .toSorted((a, b) => a.start - b.start);
  const merged: { start: number; end: number }[] = [];
  for (const range of ranges) {
    const last = merged.at(-1);
    if (last === undefined || range.start > last.end) merged.push({ ...range });
    else last.end = Math.max(last.end, range.end);
  }
  return merged.map(({ start, end }) => ({ offsetBytes: start, lengthBytes: end - start }));
}

/**
 * Everything recognisable that a drive or partition carries, in the order of its place; `pieces` are the bytes of
 * signatureRanges. Copies (backup headers, the labels of ZFS) count each. Pure, and safe on hostile bytes.
 */
export function findSignatures(sizeBytes: number, pieces: readonly Piece[]): readonly Signature[] {
  const device: DeviceBytes = {
    sizeBytes,
    read: (offsetBytes, lengthBytes) => readFrom(pieces, offsetBytes, lengthBytes),
  };
  return RECOGNISERS.flatMap((recognise) => recognise(device)).toSorted(
    (a, b) => a.offsetBytes - b.offsetBytes,
  );
}

function readFrom(pieces: readonly Piece[], offsetBytes: number, lengthBytes: number): Buffer | undefined {
  const piece = pieces.find(
    ({ offsetBytes: start, bytes }) =>
      offsetBytes >= start && offsetBytes + lengthBytes <= start + bytes.byteLength,
  );
  return piece?.bytes.subarray(
    offsetBytes - piece.offsetBytes,
    offsetBytes - piece.offsetBytes + lengthBytes,
  );
}

/** Where to look: a whole drive, or a part of it. */
export interface DeviceArea {
  /** Device node or image file. */
  readonly path: string;
  /** First byte of the partition; 0 for a whole drive. */
  readonly startBytes: number;
  readonly sizeBytes: number;
}

/**
 * Reads what a drive or partition carries: about 2 MiB of it. A partition is read through its drive, whose node is there
 * even when the partition's is not. Rejects with the system error when a range cannot be read.
 */
export async function readSignatures(
  { path, startBytes, sizeBytes }: DeviceArea,
  files: Pick<FileSystem, "readAt">,
): Promise<readonly Signature[]> {
  const pieces: Piece[] = [];
  for (const { offsetBytes, lengthBytes } of signatureRanges(sizeBytes))
    pieces.push({ offsetBytes, bytes: await files.readAt(path, startBytes + offsetBytes, lengthBytes) });
  return findSignatures(sizeBytes, pieces);
}
