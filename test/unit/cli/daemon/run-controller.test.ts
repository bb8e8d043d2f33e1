import { describe, expect, it } from "vitest";
import { RebootGate } from "../../../../src/cli/daemon/reboot-gate.ts";
import { RunController } from "../../../../src/cli/daemon/run-controller.ts";
import { hasCode } from "../../../../src/core/errors.ts";
import { EventStream } from "../../../../src/engine/events.ts";
import { applyEvent, INITIAL_STATUS } from "../../../../src/engine/status.ts";
import { createFakeHost } from "../../../support/fake-host.ts";
import { createRecordingLogger } from "../../../support/recording-logger.ts";

const ALICE = "alice (10.0.0.9:4711)";

function start() {
  const events = new EventStream();
  let status = INITIAL_STATUS;
  events.subscribe((event) => {
    status = applyEvent(status, event);
  });
  const gate = new RebootGate();
  const log = createRecordingLogger();
  const restarts: string[] = [];
  const control = new RunController({
    events,
    clock: createFakeHost().clock,
    log,
    gate,
    restartProcess: (why) => restarts.push(why),
  });
  return { control, gate, log, restarts, notices: () => status.notices.map(({ text }) => text) };
}

describe("RunController", () => {
  it("holds the restart back, says so where everybody sees it, and lets go", () => {
    const { control, gate, log, notices } = start();
    control.holdReboot(ALICE);
    expect(gate.isBlocked).toBe(true);
    expect(notices()).toEqual([`the restart is held back by ${ALICE}`]);
    control.releaseReboot("bob");
    expect(gate.isBlocked).toBe(false);
    expect(notices()).toEqual([]);
    expect(log.messages).toEqual([`${ALICE}: reboot blocked`, "bob: reboot unblocked"]);
  });

  it("cancels an installation that runs, and refuses to cancel one that is over", () => {
    const { control } = start();
    expect(control.cancel(ALICE)).toBe(true);
    expect(hasCode(control.cancelled.reason, "E_CANCELLED")).toBe(true);
    const other = start().control;
    other.markOver();
    expect(other.cancel(ALICE)).toBe(false);
    expect(other.cancelled.aborted).toBe(false);
  });

  it("restarts without further waiting only when the installation is over", () => {
    const { control, gate } = start();
    expect(control.rebootNow(ALICE)).toBe(false);
    expect(gate.hurried.aborted).toBe(false);
    control.holdReboot("bob");
    control.markOver();
    expect(control.rebootNow(ALICE)).toBe(true);
    expect(gate.isBlocked).toBe(false);
    expect(gate.hurried.aborted).toBe(true);
  });

  it("starts the installer anew and says who wanted it", () => {
    const { control, restarts } = start();
    control.rerun(ALICE);
    expect(restarts).toEqual([`${ALICE}: re-executing with the same arguments`]);
  });
});
