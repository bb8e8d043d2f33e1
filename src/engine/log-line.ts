import type { LogFields } from "../core/logger.ts";
import type { InstallerEvent } from "./events.ts";

type LogEvent = Extract<InstallerEvent, { kind: "log" }>;

/**
 * A log entry in the original's form: seconds since the process started, width 7, three decimals
 * (`[  3.224] downloaded: config.json`, spec/lifecycle.md section 3), then the fields as `name=value`. No newline at the end.
 */
export function formatLogLine(event: LogEvent): string {
  return `${formatTimestamp(event.at)} ${event.message}${formatFields(event.fields)}`;
}

/** `[  3.224]` for 3224 ms. */
export function formatTimestamp(ms: number): string {
  return `[${(ms / 1000).toFixed(3).padStart(7)}]`;
}

/** ` name=value` for each field; "" without fields. */
export function formatFields(fields: LogFields | undefined): string {
  if (fields === undefined) return "";
  return Object.entries(fields)
    .map(([name, value]) => ` ${name}=${formatValue(value)}`)
    .join("");
}

function formatValue(value: unknown): string {
  if (typeof value === "string") return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return String(value);
  return JSON.stringify(value) ?? String(value);
}
