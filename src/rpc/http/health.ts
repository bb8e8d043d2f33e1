import type { RunStatus } from "../../engine/status.ts";
import { type Answer, textAnswer } from "./answer.ts";

/** `/healthz` (spec/metrics.md section 4): whoever can answer is healthy. */
export function answerHealth(): Answer {
  return textAnswer(200, "OK", "bare");
}

/** `/readiness`: the original never becomes ready; here it means that the machine is installed. */
export function answerReadiness(status: Pick<RunStatus, "outcome">): Answer {
  return status.outcome === "succeeded"
    ? textAnswer(200, "OK", "bare")
    : textAnswer(503, "not ready\n", "bare");
}
