import { describe, expect, it } from "vitest";
import { type HandOver, handOver, type OpenShells } from "../../../../src/cli/daemon/hand-over.ts";
import { RebootGate } from "../../../../src/cli/daemon/reboot-gate.ts";
import type { HandOverState } from "../../../../src/engine/facts.ts";
import { createFakeHost, type FakeHost, FakePowerEnd } from "../../../support/fake-host.ts";
import { createRecordingLogger } from "../../../support/recording-logger.ts";

interface Circumstances {
  readonly release?: () => Promise<void>;
  readonly shells?: OpenShells;
}

const NO_SHELLS: OpenShells = {
  count: 0,
  waitUntilClosed: () => Promise.reject(new Error("there is nothing to wait for")),
};

function start(request: HandOver, host: FakeHost, { release, shells }: Circumstances = {}) {
  const log = createRecordingLogger();
  const gate = new RebootGate();
  const states: HandOverState[] = [];
  const end = handOver(request, {
    host,
    log,
    gate,
    shells: shells ?? NO_SHELLS,
    signal: new AbortController().signal,
    announce: (state) => states.push(state),
    release: release ?? (async () => undefined),
  });
  return { log, gate, states, end };
}

/** Shells that stay open until `close` is called. */
function openShells() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const limits: number[] = [];
  const shells: OpenShells = {
    count: 2,
    waitUntilClosed: async (limitMs, signal) => {
      limits.push(limitMs);
      signal.addEventListener("abort", () => resolve());
      await promise;
      signal.throwIfAborted();
    },
  };
  return { shells, limits, close: resolve };
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

const SUCCEEDED: HandOver = { outcome: "succeeded", rebooter: "default", toolsRoot: "/tmproot" };

describe("handOver", () => {
  it("waits five seconds after a success, cleans up, syncs and restarts", async () => {
    const host = createFakeHost();
    let isReleased = false;
    const release = async (): Promise<void> => {
      isReleased = true;
    };
    const { end, log, states } = start(SUCCEEDED, host, { release });
    await expect(end).rejects.toThrow(FakePowerEnd);
    expect(host.clock.sleeps).toEqual([5000, 1000]);
    expect(log.messages[0]).toBe("waiting 5s before rebooting with default rebooter");
    expect(isReleased).toBe(true);
    expect(host.files.synced).toEqual(["*"]);
    expect(states.map(({ phase }) => phase)).toEqual(["waiting", "restarting"]);
  });

  it("waits five minutes after a failure and never starts a half-made system by kexec", async () => {
    const host = createFakeHost();
    const { end, log } = start({ ...SUCCEEDED, outcome: "failed", rebooter: "kexec" }, host);
    await expect(end).rejects.toThrow(FakePowerEnd);
    expect(host.clock.sleeps).toEqual([300_000, 1000]);
    expect(log.messages[0]).toBe("waiting 5m0s before rebooting with default rebooter");
    expect(host.commands.lines).toEqual([]);
  });

  it("restarts by firmware, after a pause, when kexec fails", async () => {
    const host = createFakeHost();
    host.commands.expect(
      { program: "kexec", args: ["-e"], chroot: "/tmproot" },
      { exitCode: 1, stderr: "no kernel" },
    );
    const { end, log } = start({ ...SUCCEEDED, rebooter: "kexec" }, host);
    await expect(end).rejects.toThrow(FakePowerEnd);
    expect(host.clock.sleeps).toEqual([5000, 1000, 300_000]);
    expect(log.messages.join("\n")).toContain("no kernel");
    host.commands.assertDone();
  });

  it("restarts although the clean-up fails", async () => {
    const { end, log } = start(SUCCEEDED, createFakeHost(), {
      release: () => Promise.reject(new Error("busy")),
    });
    await expect(end).rejects.toThrow(FakePowerEnd);
    expect(log.messages).toContain("cleaning up before the restart: busy");
  });

  it("waits for SIGCONT when the restart is blocked", async () => {
    const host = createFakeHost();
    const { end, gate, log } = start(SUCCEEDED, host);
    gate.block();
    await settle();
    expect(log.messages).toContain("reboot blocked, waiting for SIGCONT");
    expect(host.files.synced).toEqual([]);
    gate.unblock();
    await expect(end).rejects.toThrow(FakePowerEnd);
  });

  it.each([
    ["succeeded", 300_000, "waiting 5m0s for remote shells to terminate before rebooting"],
    ["failed", 3_600_000, "waiting 1h0m0s for remote shells to terminate before rebooting"],
  ] as const)("waits for open shells when the installation has %s", async (outcome, limitMs, message) => {
    const host = createFakeHost();
    const { shells, limits, close } = openShells();
    const { end, log, states } = start({ ...SUCCEEDED, outcome }, host, { shells });
    await settle();
    expect(limits).toEqual([limitMs]);
    expect(log.messages).toContain(message);
    expect(states.at(-1)).toMatchObject({ phase: "waiting-for-shells" });
    expect(host.files.synced).toEqual([]);
    close();
    await expect(end).rejects.toThrow(FakePowerEnd);
  });

  it("does not wait for shells, nor for a hold, when somebody wants the restart at once", async () => {
    const host = createFakeHost();
    const { shells } = openShells();
    const { end, gate } = start(SUCCEEDED, host, { shells });
    gate.block();
    await settle();
    gate.hurry();
    await expect(end).rejects.toThrow(FakePowerEnd);
    expect(host.files.synced).toEqual(["*"]);
  });
});
