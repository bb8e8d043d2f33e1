import { formatBytes } from "../../core/byte-size.ts";
import type { Drive } from "./drives.ts";
import type { DriveReport } from "./survey-drives.ts";

const HEADINGS = ["NAME", "SIZE", "TRANSPORT", "MODEL", "SERIAL", "PATH", "USABLE", "CARRIES"] as const;

/** What JSON shows of a drive. */
const IDENTITY = [
  "devicePath",
  "sizeBytes",
  "logicalSectorBytes",
  "physicalSectorBytes",
  "rotational",
  "transport",
  "model",
  "serial",
  "wwn",
  "path",
  "busLocation",
] as const satisfies readonly (keyof Drive)[];

/** A table for people, one line a drive; what the drives carry is left out when nobody has looked. */
export function formatDriveTable(reports: readonly DriveReport[]): string {
  const hasContents = reports.some(({ contents }) => contents !== undefined);
  const rows = [HEADINGS, ...reports.map(formatRow)].map((row) => (hasContents ? row : row.slice(0, -1)));
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

/**
 * The same for programs: a JSON array in bus order. Each element has `name`, `usable` and `reason` (null when usable), the
 * identity of `Drive` (null where sysfs does not tell it), `removable`, `readOnly`, and `contents` with `memberOf` (null
 * when they could not be read).
 */
export function formatDriveJson(reports: readonly DriveReport[]): string {
  return `${JSON.stringify(reports.map(toPlainReport), undefined, 2)}\n`;
}

function formatRow({ name, drive, reason, contents }: DriveReport): readonly string[] {
  return [
    name,
    drive === undefined ? "?" : formatBytes(drive.sizeBytes),
    drive?.transport ?? "?",
    ...[drive?.model, drive?.serial, drive?.path].map((text) => text || "-"),
    reason === undefined ? "yes" : `no: ${reason}`,
    contents === undefined ? "?" : contents.length > 0 ? contents.join("; ") : "nothing known",
  ];
}

function toPlainReport({ name, drive, reason, removable, readOnly, contents, memberOf }: DriveReport) {
  const identity = IDENTITY.map((key) => [key, drive?.[key] ?? null] as const);
  return {
    name,
    usable: reason === undefined,
    reason: reason ?? null,
    ...Object.fromEntries(identity),
    removable,
    readOnly,
    contents: contents ?? null,
    memberOf: memberOf ?? null,
  };
}
