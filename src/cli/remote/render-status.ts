import { formatBytes } from "../../core/byte-size.ts";
import type {
  Machine,
  NetworkInterface,
  PlannedDrive,
  PlannedVolume,
  ShellSession,
  Status,
} from "../../rpc/generated/installer.js";
import { printableLine } from "./printable.ts";
import { renderStep } from "./render-watch.ts";
import { formatAlerts, formatHeadline } from "./status-text.ts";

/** Wide enough for progress without a bar. */
const COLUMNS = 70;

/** The state of a machine for people, as the command `status` prints it; ends with a newline. */
export function renderStatus(status: Status, address: string): string {
  const titleWidth = Math.max(0, ...status.steps.map(({ title }) => title.length));
  const lines = [
    formatHeadline(status, address, status.at).text,
    ...formatAlerts(status, status.at).map(({ text }) => text),
    ...section("machine", status.machine === undefined ? [] : machineLines(status.machine)),
    ...section(
      "network",
      status.interfaces.map((found) => interfaceLine(found)),
    ),
    ...section("drives", status.drives.flatMap(driveLines)),
    ...section(
      "steps",
      status.steps.map((step) => renderStep(step, status.at, titleWidth, COLUMNS).text),
    ),
    ...section(
      "remote shells",
      status.sessions.map((session) => sessionLine(session)),
    ),
    "",
    `installer ${status.version}`,
  ];
  return `${lines.map(printableLine).join("\n")}\n`;
}

function section(heading: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", `${heading}:`, ...lines.map((line) => `  ${line}`)];
}

function machineLines(machine: Machine): readonly string[] {
  const { vendor, model, serial, cpu, cpuCount, memoryBytes, firmware, kernel } = machine;
  const memory = memoryBytes > 0 ? `${formatCount(memoryBytes)} memory` : "";
  const processors = cpuCount > 0 ? `${cpuCount} x ${cpu === "" ? "CPU" : cpu}` : "";
  return [
    joined([`${vendor} ${model}`.trim(), serial === "" ? "" : `serial ${serial}`]),
    joined([processors, memory]),
    joined([firmware, kernel === "" ? "" : `kernel ${kernel}`]),
  ].filter((line) => line !== "");
}

function interfaceLine({ name, macAddress, up, carrier, speedBps, addresses }: NetworkInterface): string {
  const link = carrier ? "link" : up ? "no link" : "down";
  const speed = carrier && speedBps > 0 ? formatSpeed(speedBps) : "";
  return joined([`${name} ${link}`, speed, macAddress, addresses.join(" ")]);
}

function formatSpeed(speedBps: number): string {
  return speedBps >= 1e9 ? `${speedBps / 1e9} Gbit/s` : `${speedBps / 1e6} Mbit/s`;
}

function driveLines({ name, model, serial, sizeBytes, role, volumes }: PlannedDrive): readonly string[] {
  const head = joined([
    `${name} (${role})`,
    formatCount(sizeBytes),
    model,
    serial === "" ? "" : `serial ${serial}`,
  ]);
  return [head, ...volumes.map((volume) => `  ${volumeText(volume)}`)];
}

function volumeText({
  number,
  sizeBytes,
  type,
  label,
  encrypted,
  mountPoint,
  purpose,
}: PlannedVolume): string {
  return joined([
    number === 0 ? "whole drive" : `partition ${number}`,
    formatCount(sizeBytes),
    type === "" ? purpose : type,
    label === "" ? "" : `label ${label}`,
    encrypted ? "encrypted" : "",
    mountPoint,
  ]);
}

function sessionLine({ device, user, peer, protocol }: ShellSession): string {
  return `${device}, ${user === "" ? "unknown user" : user} from ${peer} by ${protocol}`;
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(", ");
}

/** Figures of another program need not make sense. */
function formatCount(bytes: number): string {
  return Number.isFinite(bytes) && bytes >= 0 ? formatBytes(Math.round(bytes)) : "?";
}
