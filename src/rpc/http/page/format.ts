import { formatBytes } from "../../../core/byte-size.ts";
import { formatMilliseconds, formatSeconds } from "../../../core/duration.ts";

/** A whole percentage that is 100 only when all is done: `49 %`. */
export function formatPercent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

/** Of something that goes on: whole seconds, since a fraction would only flicker. */
export function formatRunning(ms: number): string {
  return formatSeconds(Math.max(0, Math.floor(ms / 1000)));
}

/** Of something that is over: `12.3ms`, `5.18s`, `1m1s`. */
export function formatTook(ms: number): string {
  return formatMilliseconds(Math.max(0, ms));
}

/** `10 Gbit/s`, `100 Mbit/s`; empty when unknown. */
export function formatSpeed(bitsPerSecond: number): string {
  if (!(bitsPerSecond > 0)) return "";
  if (bitsPerSecond >= 1e9) return `${Number((bitsPerSecond / 1e9).toFixed(1))} Gbit/s`;
  return `${Math.round(bitsPerSecond / 1e6)} Mbit/s`;
}

/** As drives are sold, to three digits: `512 GB`, `1.92 TB`. */
export function formatDriveSize(sizeBytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, sizeBytes)) / 3));
  return `${Number((sizeBytes / 1000 ** power).toPrecision(3))} ${units[power] ?? "B"}`;
}

/** In the units of the log and the plan: `350 MiB`. */
export function formatAmount(sizeBytes: number): string {
  return formatBytes(Math.max(0, Math.round(sizeBytes)));
}

/** `20 Nov 2026 20:42:25 UTC` (spec/lifecycle.md section 6). */
export function formatDate(unixMs: number): string {
  const date = new Date(unixMs);
  if (Number.isNaN(date.getTime())) return "unknown";
  return date
    .toUTCString()
    .replace(/^\w+, /, "")
    .replace("GMT", "UTC");
}
