import type { ImageTime } from "../images/model.ts";

/** A moment of the wall clock (milliseconds since 1970) as images carry it, in UTC. */
export function imageTimeOf(wallClockMs: number): ImageTime {
  const seconds = Math.floor(wallClockMs / 1000);
  return {
    seconds: BigInt(seconds),
    nanoseconds: Math.floor((wallClockMs - seconds * 1000) * 1e6),
    offsetSeconds: 0,
  };
}

/** As imageTimeOf the other way; a fraction of a millisecond is lost. */
export function millisecondsSince1970(time: ImageTime): number {
  return Number(time.seconds) * 1000 + Math.floor(time.nanoseconds / 1e6);
}
