import type { Snapshot } from "../../../engine/snapshot.ts";
import { renderDrives } from "./drives.ts";
import { renderFailure } from "./failure.ts";
import { renderFooter } from "./footer.ts";
import { renderMachine } from "./machine.ts";
import { renderNetwork } from "./network.ts";
import { renderNotices } from "./notices.ts";
import { renderSessions } from "./sessions.ts";
import { renderSteps } from "./steps.ts";
import { renderSummary } from "./summary.ts";

/** Parts of the page that change while one looks at it, by the id of their element; the log goes its own way. */
const RENDERERS = {
  summary: renderSummary,
  failure: ({ status }) => renderFailure(status),
  notices: renderNotices,
  steps: renderSteps,
  drives: renderDrives,
  network: renderNetwork,
  sessions: renderSessions,
  machine: renderMachine,
  about: renderFooter,
} as const satisfies Readonly<Record<string, (snapshot: Snapshot) => string>>;

export type SectionId = keyof typeof RENDERERS;
export type Sections = Readonly<Record<SectionId, string>>;

const SECTION_IDS = Object.keys(RENDERERS) as readonly SectionId[];

export function renderSections(snapshot: Snapshot): Sections {
  return Object.fromEntries(SECTION_IDS.map((id) => [id, RENDERERS[id](snapshot)])) as Sections;
}

/** Those sections that are not as they were. */
export function changedSections(before: Sections, after: Sections): Partial<Sections> {
  return Object.fromEntries(
    SECTION_IDS.filter((id) => before[id] !== after[id]).map((id) => [id, after[id]]),
  );
}
