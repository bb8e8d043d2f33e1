import { describe, expect, it } from "vitest";
import { type HandOver, handOver } from "../../../../src/cli/daemon/hand-over.ts";
import { RebootGate } from "../../../../src/cli/daemon/reboot-gate.ts";
import { createFakeHost, type FakeHost, FakePowerEnd } from "../../../support/fake-host.ts";
import { createRecordingLogger } from "../../../support/recording-logger.ts";

function start(request: HandOver, host: FakeHost, release: () => Promise<void> = async () => undefined) {
  const log = createRecordingLogger();
  const gate = new RebootGate();
  const signal = new AbortController().signal;
  return { log, gate, end: handOver(request, { host, log, gate, signal, release }) };
}

const SUCCEEDED: HandOver = { outcome: "succeeded", rebooter: "default", toolsRoot: "/tmproot" };

describe("handOver", () => {
  it("waits five seconds after a success, cleans up, syncs and restarts", async () => {
    const host = createFakeHost();
    let isReleased = false;
    const { end, log } = start(SUCCEEDED, host, async () => {
      isReleased = true;
    });
    await expect(end).rejects.toThrow(FakePowerEnd);
    expect(host.clock.sleeps).toEqual([5000]);
    expect(log.messages[0]).toBe("waiting 5s before rebooting with default rebooter");
    expect(isReleased).toBe(true);
    expect(host.files.synced).toEqual(["*"]);
  });

  it("waits five minutes after a failure and never starts a half-made system by kexec", async () => {
    const host = createFakeHost();
    const { end, log } = start({ ...SUCCEEDED, outcome: "failed", rebooter: "kexec" }, host);
    await expect(end).rejects.toThrow(FakePowerEnd);
    expect(host.clock.sleeps).toEqual([300_000]);
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
    expect(host.clock.sleeps).toEqual([5000, 300_000]);
    expect(log.messages.join("\n")).toContain("no kernel");
    host.commands.assertDone();
  });

  it("restarts although the clean-up fails", async () => {
    const { end, log } = start(SUCCEEDED, createFakeHost(), () => Promise.reject(new Error("busy")));
    await expect(end).rejects.toThrow(FakePowerEnd);
    expect(log.messages).toContain("cleaning up before the restart: busy");
  });

  it("waits for SIGCONT when the restart is blocked", async () => {
    const host = createFakeHost();
    const { end, gate, log } = start(SUCCEEDED, host);
    gate.block();
    await new Promise((resolve) => setImmediate(resolve));
    expect(log.messages).toContain("reboot blocked, waiting for SIGCONT");
    expect(host.files.synced).toEqual([]);
    gate.unblock();
    await expect(end).rejects.toThrow(FakePowerEnd);
  });
});
