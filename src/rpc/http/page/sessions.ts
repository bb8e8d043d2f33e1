import type { Snapshot } from "../../../engine/snapshot.ts";
import { escapeHtml } from "./escape-html.ts";
import { formatRunning } from "./format.ts";

/** Numbers within names count as numbers: `pts/2` stands before `pts/10`. */
const byDevice = new Intl.Collator("en", { numeric: true });

/** The open remote shells, by device; nothing when there are none (spec/lifecycle.md section 6). */
export function renderSessions({ sessions, at }: Snapshot): string {
  if (sessions.length === 0) return "";
  const rows = sessions
    .toSorted((left, right) => byDevice.compare(left.device, right.device))
    .map(({ device, userName, peer, protocol, startedAt }) =>
      [device, userName === "" ? "unknown" : userName, peer, protocol, formatRunning(at - startedAt)]
        .map((cell) => `<td>${escapeHtml(cell)}</td>`)
        .join(""),
    );
  return `<h2>Remote shells</h2>
<div class="scroll" role="group" aria-label="Remote shells" tabindex="0"><table><thead><tr><th>Terminal</th><th>Username</th><th>From</th><th>By</th><th>For</th></tr></thead>
<tbody>${rows.map((row) => `<tr>${row}</tr>`).join("\n")}</tbody></table></div>`;
}
