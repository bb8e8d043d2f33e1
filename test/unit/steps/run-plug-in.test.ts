import { expect, test } from "vitest";
import type { StepContext } from "../../../src/engine/step.ts";
import { runPlugIn } from "../../../src/steps/run-plug-in.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { createRecordingLogger } from "../../support/recording-logger.ts";

const PLUG_IN = { role: "completion notifier", program: "/sbin/notify", args: ["/tftpdata", "eth0"] };

function machine() {
  const host = createFakeHost();
  const log = createRecordingLogger();
  const context: Pick<StepContext, "host" | "log" | "signal"> = {
    host,
    log,
    signal: new AbortController().signal,
  };
  return { host, log, context };
}

test("a plug-in gets an empty environment and ten minutes", async () => {
  const { host, context } = machine();
  host.commands.expect("/sbin/notify /tftpdata eth0");
  await runPlugIn(PLUG_IN, context);
  expect(host.commands.commands).toMatchObject([
    { environment: {}, timeoutMs: 600_000, changesNothing: false },
  ]);
});

test("both outputs are logged line by line", async () => {
  const { host, log, context } = machine();
  host.commands.expect("/sbin/notify /tftpdata eth0", { stdout: "one\ntwo\n", stderr: "three\n" });
  await runPlugIn(PLUG_IN, context);
  expect(log.messages).toEqual(["/sbin/notify: one", "/sbin/notify: two", "/sbin/notify: three"]);
});

test("a failure names what it is, and why it failed", async () => {
  const { host, context } = machine();
  host.commands.expect("/sbin/notify /tftpdata eth0", { exitCode: 3, stderr: "no\n" });
  await expect(runPlugIn(PLUG_IN, context)).rejects.toMatchObject({
    code: "E_PLUG_IN",
    message: "running the completion notifier /sbin/notify",
    cause: { code: "E_COMMAND_FAILED" },
  });
});
