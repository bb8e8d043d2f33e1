import { describe, expect, it } from "vitest";
import { nextPauseMs, persist } from "../../../../src/cli/remote/persist.ts";
import { InstallerError } from "../../../../src/core/errors.ts";
import { FakeClock } from "../../../support/fake-host.ts";
import { LOST, REFUSED } from "./fake-machine.ts";

interface Run {
  readonly clock: FakeClock;
  readonly waits: string[];
  readonly timeouts: number[];
}

const start = (): Run => ({ clock: new FakeClock(), waits: [], timeouts: [] });
const never = new AbortController().signal;

/** Fails with each of `errors` in turn, then succeeds. */
async function run(
  { clock, waits, timeouts }: Run,
  limitMs: number,
  errors: readonly Error[],
  tookMs = 0,
): Promise<string> {
  return persist(
    async (timeoutMs) => {
      timeouts.push(timeoutMs);
      clock.advance(tookMs);
      const error = errors[timeouts.length - 1];
      if (error !== undefined) throw error;
      return "done";
    },
    { limitMs, clock, signal: never, onWait: (reason) => waits.push(reason) },
  );
}

describe("persist", () => {
  it("pauses 50 ms, then a sixteenth longer each time, up to 5 s", async () => {
    const state = start();
    const refusals = Array.from({ length: 200 }, () => REFUSED);
    await expect(run(state, Number.POSITIVE_INFINITY, refusals)).resolves.toBe("done");
    expect(state.clock.sleeps.slice(0, 3)).toEqual([50, 53.125, 56.4453125]);
    expect(Math.max(...state.clock.sleeps)).toBe(5000);
    expect(state.clock.sleeps.at(-1)).toBe(5000);
    expect(nextPauseMs(5000)).toBe(5000);
  });

  it("makes one patient attempt when it must not wait", async () => {
    const state = start();
    await expect(run(state, 0, [REFUSED])).rejects.toBe(REFUSED);
    expect([state.timeouts, state.waits, state.clock.sleeps]).toEqual([[15_000], [], []]);
  });

  it("gives up with the last error when its time is up, and tries once more at that moment", async () => {
    const state = start();
    const errors = Array.from({ length: 50 }, () => REFUSED);
    await expect(run(state, 500, errors)).rejects.toBe(REFUSED);
    expect(state.clock.monotonicMs()).toBe(500);
  });

  it.each(["E_SRPC_ACCESS_DENIED", "E_TLS_CERTIFICATE_REFUSED", "E_TLS_CERTIFICATE_MISSING"] as const)(
    "does not go on after %s, which waiting does not cure",
    async (code) => {
      const error = new InstallerError(code, "calling");
      await expect(run(start(), Number.POSITIVE_INFINITY, [error])).rejects.toBe(error);
    },
  );

  it("says what it waits for once, and again when that changes or a minute has passed", async () => {
    const state = start();
    await run(state, Number.POSITIVE_INFINITY, [REFUSED, REFUSED, LOST, REFUSED]);
    expect(state.waits).toEqual([REFUSED.message, LOST.message, REFUSED.message]);
    const slow = start();
    await run(slow, Number.POSITIVE_INFINITY, [REFUSED, REFUSED, REFUSED], 31_000);
    expect(slow.waits).toHaveLength(2);
  });

  it("starts with short pauses again after a connection that lived", async () => {
    const state = start();
    await run(state, Number.POSITIVE_INFINITY, [LOST, LOST, LOST], 6000);
    expect(state.clock.sleeps).toEqual([50, 50, 50]);
  });

  it("ends when it is interrupted while it waits", async () => {
    const interruption = new AbortController();
    const clock = new FakeClock({ manual: true });
    const running = persist(async () => Promise.reject(REFUSED), {
      limitMs: Number.POSITIVE_INFINITY,
      clock,
      signal: interruption.signal,
      onWait: () => interruption.abort(new InstallerError("E_CANCELLED", "interrupted")),
    });
    await expect(running).rejects.toMatchObject({ code: "E_CANCELLED" });
  });
});
