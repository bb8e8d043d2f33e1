import type { Snapshot } from "../../../engine/snapshot.ts";
import { escapeHtml } from "./escape-html.ts";
import { formatAmount, formatDate, formatRunning } from "./format.ts";

/** About the installer itself, in the original's words (spec/lifecycle.md section 6). */
export function renderFooter(snapshot: Snapshot): string {
  const { startedUnixMs, at, version, runtime } = snapshot;
  const { memoryBytes, cpuUserSeconds, cpuSystemSeconds } = snapshot.process;
  const facts = [
    `Start time: ${formatDate(startedUnixMs)}`,
    `Uptime: ${formatRunning(at)}`,
    `CPU: ${cpuShare(cpuUserSeconds + cpuSystemSeconds, at)} (User: ${cpuUserSeconds.toFixed(1)} s Sys: ${cpuSystemSeconds.toFixed(1)} s)`,
    `Memory: ${formatAmount(memoryBytes)}`,
    `Hostname: ${snapshot.hostname}`,
  ];
  return `<p>${facts.map((fact) => `<span>${escapeHtml(fact)}</span>`).join("\n")}</p>
<p>Page generated at: ${formatDate(startedUnixMs + at)} with ${escapeHtml(version)} (${escapeHtml(runtime)})</p>`;
}

function cpuShare(seconds: number, uptimeMs: number): string {
  return `${((100 * seconds) / Math.max(0.001, uptimeMs / 1000)).toFixed(1)}%`;
}
