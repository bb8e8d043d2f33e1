import type { GobTime } from "../gob/time.ts";
import { badMessage, unfit } from "./errors.ts";

const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d{1,100}))?(Z|[+-]\d\d:\d\d)$/;
const FRACTION_DIGITS = 9;
const MAX_YEAR = 9999;

/** `time` in its zone (RFC 3339 with as many digits as needed). Throws E_JSON_MESSAGE for years beyond 0 to 9999. */
export function formatJsonTime({ seconds, nanoseconds, offsetSeconds }: GobTime): string {
  // The format has no room for the seconds of a zone.
  const offsetMinutes = Math.trunc(offsetSeconds / 60);
  const local = new Date((Number(seconds) + offsetMinutes * 60) * 1000);
  const year = local.getUTCFullYear();
  // An impossible date has the year NaN.
  if (!(year >= 0 && year <= MAX_YEAR)) throw unfit(`a time of ${seconds} seconds`);
  const digits = String(nanoseconds).padStart(FRACTION_DIGITS, "0").replace(/0+$/, "");
  const fraction = digits === "" ? "" : `.${digits}`;
  return `${local.toISOString().slice(0, -".000Z".length)}${fraction}${formatZone(offsetMinutes)}`;
}

/** Reads RFC 3339; digits beyond nanoseconds are dropped. Throws E_JSON_MESSAGE, naming the place, for anything else. */
export function parseJsonTime(text: string, where: string): GobTime {
  const [, clock, fraction = "", zone] = RFC3339.exec(text) ?? [];
  if (clock === undefined || zone === undefined) throw notTime(where);
  const local = new Date(`${clock}Z`);
  // Dates that do not exist, such as 30 February, come out as others.
  if (Number.isNaN(local.getTime()) || !local.toISOString().startsWith(clock)) throw notTime(where);
  const offsetSeconds = parseZone(zone, where);
  return {
    seconds: BigInt(local.getTime() / 1000 - offsetSeconds),
    nanoseconds: Number(fraction.slice(0, FRACTION_DIGITS).padEnd(FRACTION_DIGITS, "0")),
    offsetSeconds,
  };
}

/** Seconds east of UTC of `Z` or `+hh:mm`. */
function parseZone(zone: string, where: string): number {
  if (zone === "Z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4));
  if (hours > 24 || minutes > 60) throw badMessage(`${where}: a time in an impossible zone`);
  const magnitude = hours * 3600 + minutes * 60;
  // Not -0, which is another value than 0.
  return zone.startsWith("-") && magnitude > 0 ? -magnitude : magnitude;
}

function notTime(where: string): Error {
  return badMessage(`${where}: a text that is not a time (RFC 3339)`);
}

function formatZone(offsetMinutes: number): string {
  if (offsetMinutes === 0) return "Z";
  const magnitude = Math.abs(offsetMinutes);
  const hours = String(Math.floor(magnitude / 60)).padStart(2, "0");
  const minutes = String(magnitude % 60).padStart(2, "0");
  return `${offsetMinutes < 0 ? "-" : "+"}${hours}:${minutes}`;
}
