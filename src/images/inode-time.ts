import type { FileTime } from "../system/files.ts";
import type { RegularInode, SpecialInode } from "./model.ts";

const NANOSECONDS_PER_SECOND = 1_000_000_000;

/** 1970-01-01T00:00:00Z, which computed files get. */
export const EPOCH: FileTime = { seconds: 0n, nanoseconds: 0 };

/** The stored time; nanoseconds outside 0..999999999 carry over into the seconds, as in the original. */
export function fileTimeOf(inode: RegularInode | SpecialInode): FileTime {
  const carry = Math.floor(inode.mtimeNanoseconds / NANOSECONDS_PER_SECOND);
  return {
    seconds: inode.mtimeSeconds + BigInt(carry),
    nanoseconds: inode.mtimeNanoseconds - carry * NANOSECONDS_PER_SECOND,
  };
}

/** Nanoseconds since 1970, as a FileStatus has them. */
export function nanosecondsOf(time: FileTime): bigint {
  return time.seconds * BigInt(NANOSECONDS_PER_SECOND) + BigInt(time.nanoseconds);
}

/** The opposite of `nanosecondsOf`. */
export function fileTimeFromNanoseconds(total: bigint): FileTime {
  const unit = BigInt(NANOSECONDS_PER_SECOND);
  const nanoseconds = ((total % unit) + unit) % unit;
  return { seconds: (total - nanoseconds) / unit, nanoseconds: Number(nanoseconds) };
}
