import { formatGoDuration } from "../core/duration.ts";
import { type GobTime, isZeroTime } from "../rpc/gob/time.ts";
import { millisecondsSince1970 } from "./image-time.ts";

const HOUR_MS = 3_600_000;
/** How far in the future an image may expire; the defaults of the original's flags (spec/imageservice.md 5.3). */
const MAX_EXPIRATION_MS = 24 * HOUR_MS;
const MAX_PRIVILEGED_EXPIRATION_MS = 730 * HOUR_MS;
const NANOSECONDS_PER_MS = 1_000_000n;

export interface ExpirationChange {
  readonly from: GobTime;
  /** The zero time: never. */
  readonly to: GobTime;
  readonly nowMs: number;
  /** The caller has the right to the method, and does not merely own the image. */
  readonly isPrivileged: boolean;
}

/** Why the expiry of an image cannot be changed so, in the words of the original; undefined: it can. */
export function refuseExpirationChange({
  from,
  to,
  nowMs,
  isPrivileged,
}: ExpirationChange): string | undefined {
  if (isZeroTime(from)) return "image does not expire";
  if (isZeroTime(to)) return isPrivileged ? undefined : "not permitted to make image non-expiring";
  if (isBefore(to, from)) return "cannot shorten expiration time";
  const lifeMs = millisecondsSince1970(to) - nowMs;
  if (lifeMs > MAX_PRIVILEGED_EXPIRATION_MS)
    return `maximum expiration time is ${formatHours(MAX_PRIVILEGED_EXPIRATION_MS)}`;
  if (lifeMs > MAX_EXPIRATION_MS && !isPrivileged)
    return `maximum expiration time is ${formatHours(MAX_EXPIRATION_MS)} for you`;
  return undefined;
}

function isBefore(time: GobTime, other: GobTime): boolean {
  return time.seconds === other.seconds ? time.nanoseconds < other.nanoseconds : time.seconds < other.seconds;
}

function formatHours(milliseconds: number): string {
  return formatGoDuration(BigInt(milliseconds) * NANOSECONDS_PER_MS);
}
