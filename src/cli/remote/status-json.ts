import {
  HandOverPhase,
  NoticeSeverity,
  Outcome,
  type Status,
  StepState,
} from "../../rpc/generated/installer.js";

/**
 * The status as JSON, for programs: the fields of message `Status` in src/rpc/installer.proto with their names in
 * camelCase; enumerations as the last words of their names in lower case (`running`, `waiting-for-shells`).
 */
export function renderStatusJson(status: Status): string {
  const { steps, handOver, notices } = status;
  const plain = {
    ...status,
    outcome: wordOf(Outcome, status.outcome, "OUTCOME_"),
    steps: steps.map((step) => ({ ...step, state: wordOf(StepState, step.state, "STEP_STATE_") })),
    ...(handOver === undefined
      ? {}
      : { handOver: { ...handOver, phase: wordOf(HandOverPhase, handOver.phase, "PHASE_") } }),
    notices: notices.map((notice) => ({
      ...notice,
      severity: wordOf(NoticeSeverity, notice.severity, "SEVERITY_"),
    })),
  };
  return `${JSON.stringify(plain, null, 2)}\n`;
}

function wordOf(names: Readonly<Record<string, number>>, value: number, prefix: string): string {
  const name = Object.keys(names).find((candidate) => names[candidate] === value);
  if (name === undefined) return `unknown-${value}`;
  return name.slice(prefix.length).toLowerCase().replaceAll("_", "-");
}
