import { describe, expect, it } from "vitest";
import type { StepContext } from "../../../src/engine/step.ts";
import { fixClock } from "../../../src/steps/fix-clock.step.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { createRecordingLogger } from "../../support/recording-logger.ts";
import { silentProgress } from "../../support/silent-progress.ts";

async function runWith(builtSeconds: bigint | undefined) {
  const host = createFakeHost(builtSeconds === undefined ? {} : { files: { "/build-timestamp": "" } });
  if (builtSeconds !== undefined) {
    await host.files.changeTimes("/build-timestamp", { seconds: builtSeconds, nanoseconds: 5 });
  }
  const beforeMs = host.clock.nowMs();
  const log = createRecordingLogger();
  const context: StepContext = {
    host,
    log,
    progress: silentProgress,
    signal: new AbortController().signal,
    cleanup: new AsyncDisposableStack(),
  };
  const state = await fixClock.run(undefined, context);
  return { state, beforeMs, afterMs: host.clock.nowMs(), log };
}

describe("fixClock", () => {
  it("moves a clock that is behind the build forward to it", async () => {
    const { state, afterMs, log } = await runWith(2_000_000_000n);
    expect(state).toEqual({ changed: true });
    expect(afterMs).toBe(2_000_000_000_000);
    expect(log.messages[0]).toContain("2026-01-01T00:00:00.000Z to 2033-05-18T03:33:20.000Z");
  });

  it("leaves a clock alone that is later than the build", async () => {
    const { state, beforeMs, afterMs, log } = await runWith(1_000_000_000n);
    expect(state).toEqual({ changed: false });
    expect(afterMs).toBe(beforeMs);
    expect(log.messages).toEqual([]);
  });

  it("goes on without a build timestamp (the original stops before there is a shell)", async () => {
    const { state, log } = await runWith(undefined);
    expect(state).toEqual({ changed: false });
    expect(log.messages).toEqual(["no /build-timestamp: the clock is taken as it is"]);
  });
});
