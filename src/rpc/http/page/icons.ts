import type { StepState } from "../../../engine/status.ts";

/** What stands beside a state in words, so that neither colour nor reading is needed to see it from afar. */
const STATE_SHAPES: Readonly<Record<StepState | "stalled", string>> = {
  running: '<circle cx="8" cy="8" r="6" stroke-dasharray="24 14"/>',
  done: '<path d="m3 8.5 3.5 3.5L13 4.5"/>',
  failed: '<path d="m4 4 8 8m0-8-8 8"/>',
  stalled: '<path d="M8 2v7.5m0 3.5v1"/>',
};

export function stateIcon(state: StepState | "stalled"): string {
  return icon(`icon ${state}`, STATE_SHAPES[state]);
}

/** An encrypted volume. */
export function lockIcon(): string {
  return icon(
    "icon lock",
    '<rect x="3" y="7" width="10" height="7" rx="1.5" fill="currentColor"/><path d="M5 7V5a3 3 0 0 1 6 0v2"/>',
  );
}

/** A socket for a network cable. */
export function portIcon(): string {
  return icon("icon port", '<path d="M2 3h12v10H2zM5 13v-3h6v3M5.5 3v2m2.5-2v2m2.5-2v2"/>');
}

function icon(className: string, shapes: string): string {
  return `<svg class="${className}" viewBox="0 0 16 16" aria-hidden="true">${shapes}</svg>`;
}

/** The icon of the page: a drive with a bar. */
export const PAGE_ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#1f5fbf"/><path d="M3 5.5h10M3 10.5h7" stroke="#fff" stroke-width="2.4" stroke-linecap="round"/></svg>
`;
