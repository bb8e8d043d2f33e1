import type { DriveFacts } from "../../../engine/facts.ts";
import type { Snapshot } from "../../../engine/snapshot.ts";
import { escapeHtml } from "./escape-html.ts";
import { formatAmount, formatDriveSize } from "./format.ts";

/** More would push everything else off the page; `/api/status` has them all. */
const MOST_DRIVES = 64;

/** What machine this is; what is unknown, and drives that the plan shows, are left out. */
export function renderMachine({ machine, status }: Snapshot): string {
  const { vendor, model, serial, cpu, cpuCount, memoryBytes, availableMemoryBytes, firmware, kernel } =
    machine;
  const rows = [
    ["Model", `${vendor} ${model}`.trim()],
    ["Serial number", serial],
    ["Processors", cpuCount > 0 ? `${cpuCount} × ${cpu === "" ? "CPU" : cpu}` : cpu],
    ["Memory", memoryBytes > 0 ? describeMemory(memoryBytes, availableMemoryBytes) : ""],
    ["Firmware", firmware === "efi" ? "EFI" : "BIOS"],
    ["Kernel", kernel],
  ] as const;
  const facts = rows
    .filter(([, value]) => value !== "")
    .map(([name, value]) => renderFact(name, escapeHtml(value)));
  const planned = new Set(status.plan?.map(({ name }) => name));
  const others = machine.drives.filter(({ name }) => !planned.has(name));
  if (others.length > 0)
    facts.push(renderFact(planned.size === 0 ? "Drives" : "Other drives", renderDriveFacts(others)));
  return `<h2>Machine</h2>\n<dl>${facts.join("\n")}</dl>`;
}

function renderFact(name: string, html: string): string {
  return `<dt>${name}</dt><dd>${html}</dd>`;
}

function describeMemory(total: number, available: number): string {
  const free = available > 0 ? `, ${formatAmount(available)} available` : "";
  return `${formatAmount(total)}${free}`;
}

function renderDriveFacts(drives: readonly DriveFacts[]): string {
  const items = drives.slice(0, MOST_DRIVES).map(({ name, model, serial, sizeBytes, transport }) => {
    const facts = [formatDriveSize(sizeBytes), transport, model, serial]
      .filter((text) => text !== "")
      .join(" · ");
    return `<li><b>${escapeHtml(name)}</b> ${escapeHtml(facts)}</li>`;
  });
  const more = drives.length > MOST_DRIVES ? `<li>and ${drives.length - MOST_DRIVES} more</li>` : "";
  return `<ul>${items.join("\n")}${more}</ul>`;
}
