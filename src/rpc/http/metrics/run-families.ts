import type { Snapshot } from "../../../engine/snapshot.ts";
import type { RunStatus, StepStatus } from "../../../engine/status.ts";
import { type MetricFamily, only, type Sample } from "./metric-family.ts";

const OUTCOMES: readonly RunStatus["outcome"][] = ["running", "succeeded", "failed"];
const STATES: readonly StepStatus["state"][] = ["running", "done", "failed"];

/** The run and its steps. State sets have a sample for each state, 1 for the one that is. */
export function runFamilies(snapshot: Snapshot): readonly MetricFamily[] {
  const { status, stall, at } = snapshot;
  return [
    {
      name: "installer_outcome",
      help: "State of the installation",
      type: "gauge",
      samples: OUTCOMES.map((outcome) => ({
        labels: { outcome },
        value: status.outcome === outcome ? 1 : 0,
      })),
    },
    {
      name: "installer_step_state",
      help: "State of each step that has started",
      type: "gauge",
      samples: status.steps.flatMap((step) =>
        STATES.map((state) => ({ labels: { step: step.id, state }, value: step.state === state ? 1 : 0 })),
      ),
    },
    {
      name: "installer_step_duration_seconds",
      help: "How long each step took, or takes until now",
      type: "gauge",
      samples: status.steps.map((step) => ({
        labels: { step: step.id },
        value: ((step.endedAt ?? at) - step.startedAt) / 1000,
      })),
    },
    {
      name: "installer_bytes_total",
      help: "Bytes that a step has worked through",
      type: "counter",
      samples: counted(status.steps, "done", true),
    },
    {
      name: "installer_bytes_expected",
      help: "Bytes that a step has to work through",
      type: "gauge",
      samples: counted(status.steps, "total", true),
    },
    {
      name: "installer_items_total",
      help: "Objects, inodes or files that a step has worked through",
      type: "counter",
      samples: counted(status.steps, "done", false),
    },
    {
      name: "installer_items_expected",
      help: "Objects, inodes or files that a step has to work through",
      type: "gauge",
      samples: counted(status.steps, "total", false),
    },
    only("installer_stalled", "Whether nothing has moved for 15 seconds", stall === undefined ? 0 : 1),
    only(
      "installer_stalled_seconds",
      "How long nothing has moved, once that counts as stalled",
      stall === undefined ? 0 : (at - stall.since) / 1000,
    ),
    only(
      "installer_reboot_held",
      "Whether somebody keeps the machine from restarting",
      status.handOver?.phase === "held" ? 1 : 0,
    ),
    only("installer_shell_sessions", "Remote shells that are open", snapshot.sessions.length),
    only("installer_notices", "Notices for the operator", status.notices.length),
  ];
}

function counted(steps: readonly StepStatus[], what: "done" | "total", inBytes: boolean): readonly Sample[] {
  return steps.flatMap((step) => {
    const value = step[what];
    if (value === undefined || step.unit === undefined || (step.unit === "bytes") !== inBytes) return [];
    return [{ labels: { step: step.id, ...(inBytes ? {} : { unit: step.unit }) }, value }];
  });
}
