import type { RunStatus, StepStatus } from "./status.ts";

/** How far the whole installation is. */
export interface OverallProgress {
  /** From 0 to 1; 1 only when the installation has succeeded. */
  readonly share: number;
  /** A rough estimate of the seconds to go; absent while nothing has been measured, or when it is over. */
  readonly remainingSeconds?: number;
}

/**
 * The steps of an installation in their order, each with its usual part of the whole in percent: nearly all of it goes
 * by the bytes that are downloaded, unpacked and written. How many they are is only known once each of these steps
 * begins, so their parts are fixed; otherwise the whole would go back whenever more work turns up.
 */
const PARTS: readonly (readonly [stepId: string, percent: number])[] = [
  ["fix-clock", 0.5],
  ["bring-up-network", 2],
  ["fetch-configuration", 1],
  ["read-configuration", 0.5],
  ["plan-network", 0.5],
  ["find-drives", 0.5],
  ["fetch-image-metadata", 1],
  ["plan-storage", 0.5],
  ["check-images", 0.5],
  ["reuse-objects", 2],
  ["reuse-old-root", 3],
  ["download-objects", 38],
  ["make-tools-root", 6],
  ["make-disk-key", 0.5],
  ["release-drives", 0.5],
  ["prove-drives-idle", 0.5],
  ["prepare-drives", 8],
  ["unpack-image", 26],
  ["write-system-files", 0.5],
  ["write-hardware-clock", 0.5],
  ["configure-network", 1],
  ["copy-logs", 0.5],
  ["install-boot-loader", 4],
  ["unmount-target", 1],
  ["notify-completion", 0.5],
];

const TOTAL = PARTS.reduce((sum, [, percent]) => sum + percent, 0);
/** However much is done: until the last step has ended, something can still fail. */
const HIGHEST_SHARE = 0.99;

/**
 * The progress of the whole run. It never goes back while steps run in their order: a step that is left out counts as
 * done as soon as a later one starts.
 */
export function overallProgress(status: RunStatus): OverallProgress {
  if (status.outcome === "succeeded") return { share: 1 };
  const steps = new Map(status.steps.map((step) => [step.id, step]));
  const furthest = PARTS.findLastIndex(([id]) => steps.has(id));
  if (furthest === -1) return { share: 0 };
  const [furthestId, part] = PARTS[furthest] ?? ["", 0];
  const current = steps.get(furthestId);
  const before = PARTS.slice(0, furthest).reduce((sum, [, percent]) => sum + percent, 0);
  const done = before + part * (current === undefined ? 0 : shareDone(current));
  const share = Math.min(done / TOTAL, HIGHEST_SHARE);
  const remainingSeconds = estimateRemaining(status, steps, furthest);
  return remainingSeconds === undefined ? { share } : { share, remainingSeconds };
}

function shareDone({ state, done, total }: StepStatus): number {
  if (state === "done") return 1;
  if (done === undefined || total === undefined || total <= 0) return 0;
  return Math.min(1, Math.max(0, done / total));
}

/** What the present step says of itself, and for the later ones the pace of those that counted what they did. */
function estimateRemaining(
  status: RunStatus,
  steps: ReadonlyMap<string, StepStatus>,
  furthest: number,
): number | undefined {
  if (status.outcome !== "running") return undefined;
  const pace = secondsPerPercent(steps);
  if (pace === undefined) return undefined;
  const [currentId, part] = PARTS[furthest] ?? ["", 0];
  const current = steps.get(currentId);
  const left = part * (1 - (current === undefined ? 0 : shareDone(current)));
  const later = PARTS.slice(furthest + 1).reduce((sum, [, percent]) => sum + percent, 0);
  return (current?.remainingSeconds ?? left * pace) + later * pace;
}

/** Less is too little to tell anything of the rest. */
const LEAST_SECONDS = 3;
const LEAST_PERCENT = 2;

function secondsPerPercent(steps: ReadonlyMap<string, StepStatus>): number | undefined {
  let seconds = 0;
  let percent = 0;
  for (const [id, part] of PARTS) {
    const step = steps.get(id);
    if (step?.countingSince === undefined || step.total === undefined) continue;
    seconds += ((step.endedAt ?? step.movedAt) - step.countingSince) / 1000;
    percent += part * shareDone(step);
  }
  return seconds < LEAST_SECONDS || percent < LEAST_PERCENT ? undefined : seconds / percent;
}
