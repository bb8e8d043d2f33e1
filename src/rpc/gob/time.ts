import { corrupt } from "./errors.ts";

/** A moment: seconds since 1970, nanoseconds 0..999999999, and the zone it was written in (seconds east of UTC). */
export interface GobTime {
  readonly seconds: bigint;
  readonly nanoseconds: number;
  readonly offsetSeconds: number;
}

/** 1970-01-01 in the count of Go, which starts at 0001-01-01. */
const UNIX_EPOCH_SECONDS = 62_135_596_800n;
/** In the place of the zone's minutes. */
const UTC_MARK = -1;

/** The zero value of Go's `time.Time`: 0001-01-01 00:00:00 UTC, which stands for "no time". */
export const ZERO_TIME: GobTime = Object.freeze({
  seconds: -UNIX_EPOCH_SECONDS,
  nanoseconds: 0,
  offsetSeconds: 0,
});

/** True when nothing but the zone differs from ZERO_TIME. */
export function isZeroTime(time: GobTime): boolean {
  return time.seconds === ZERO_TIME.seconds && time.nanoseconds === 0;
}

/** Reads the binary form of `time.Time` (spec/gob.md A7); rejects other versions and impossible values. */
export function parseTime(encoded: Buffer): GobTime {
  const version = encoded[0];
  if (version !== 1 && version !== 2) throw corrupt("a time of an unsupported version");
  if (encoded.length !== 14 + version) throw corrupt(`a time of ${encoded.length} bytes`);
  const nanoseconds = encoded.readUInt32BE(9);
  if (nanoseconds > 999_999_999) throw corrupt(`a time with ${nanoseconds} nanoseconds`);
  // The seconds are unsigned for every Go reader, although a Go writer of a zone west of UTC means them signed.
  const offsetSeconds = encoded.readInt16BE(13) * 60 + (encoded[15] ?? 0);
  return {
    seconds: encoded.readBigInt64BE(1) - UNIX_EPOCH_SECONDS,
    nanoseconds,
    offsetSeconds: offsetSeconds === UTC_MARK * 60 ? 0 : offsetSeconds,
  };
}

/** The binary form of `time.Time`; offset 0 is written as UTC. */
export function formatTime(time: GobTime): Buffer {
  const minutes = Math.floor(time.offsetSeconds / 60);
  const seconds = time.offsetSeconds - minutes * 60;
  const encoded = Buffer.alloc(seconds === 0 ? 15 : 16);
  encoded[0] = seconds === 0 ? 1 : 2;
  encoded.writeBigInt64BE(time.seconds + UNIX_EPOCH_SECONDS, 1);
  encoded.writeUInt32BE(time.nanoseconds, 9);
  encoded.writeInt16BE(time.offsetSeconds === 0 ? UTC_MARK : minutes, 13);
  if (seconds !== 0) encoded[15] = seconds;
  return encoded;
}
