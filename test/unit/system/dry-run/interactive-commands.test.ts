import { expect, it } from "vitest";
import { createDryRunHost } from "../../../../src/system/dry-run/dry-run-host.ts";
import { createFakeHost } from "../../../support/fake-host.ts";
import { createRecordingLogger } from "../../../support/recording-logger.ts";

const KEXEC = { program: "kexec", args: ["-l", "/tmp/kernel", "-f"] };
const never = new AbortController().signal;

it("a dry run does not start a program that shares the terminal, such as kexec", async () => {
  const real = createFakeHost();
  const log = createRecordingLogger();
  const dryRun = createDryRunHost(real, log);
  await expect(dryRun.commands.runInteractive(KEXEC, never)).resolves.toBe(0);
  expect(real.commands.lines).toEqual([]);
  expect(log.messages.join("\n")).toContain("dry run: skipping: kexec -l /tmp/kernel -f");
});

it("a dry run keeps the shell on the console", async () => {
  const real = createFakeHost();
  real.commands.expect("sh -i", { exitCode: 3 });
  const shell = { program: "sh", args: ["-i"], changesNothing: true };
  await expect(
    createDryRunHost(real, createRecordingLogger()).commands.runInteractive(shell, never),
  ).resolves.toBe(3);
  real.commands.assertDone();
});
