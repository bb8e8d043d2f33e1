import { expect, it } from "vitest";
import { keepConsoleShell } from "../../../../src/cli/daemon/console-shell.ts";
import { InstallerError } from "../../../../src/core/errors.ts";
import { createFakeHost } from "../../../support/fake-host.ts";
import { createRecordingLogger } from "../../../support/recording-logger.ts";

const COMMAND = ["/bin/busybox", "sh", "-i"];
const LINE = { program: "/bin/busybox", args: ["sh", "-i"] };
const NOT_FOUND = { error: new InstallerError("E_COMMAND_NOT_FOUND", "there is no /bin/busybox") };

function keep(host: ReturnType<typeof createFakeHost>, command: readonly string[] = COMMAND) {
  const log = createRecordingLogger();
  return { log, ended: keepConsoleShell({ host, log, command, signal: new AbortController().signal }) };
}

it("starts the shell again at once when it was left, and after five seconds when it failed", async () => {
  const host = createFakeHost();
  host.commands
    .expect(LINE, { effect: () => host.clock.advance(60_000) })
    .expect(LINE, { exitCode: 3 })
    .expect(LINE, NOT_FOUND);
  const { log, ended } = keep(host);
  await ended;
  expect(host.clock.sleeps).toEqual([5000]);
  expect(log.messages).toEqual([
    "starting shell on console",
    "error running shell: exit status 3",
    "error running shell: there is no /bin/busybox",
  ]);
  host.commands.assertDone();
});

it("does without a shell when -shellCommand is empty (the original crashes)", async () => {
  const { log, ended } = keep(createFakeHost(), []);
  await ended;
  expect(log.messages).toEqual(["no console shell: -shellCommand is empty"]);
});

it("does not start a shell over and over that ends at once, as without a terminal", async () => {
  const host = createFakeHost();
  host.commands.expect(LINE).expect(LINE).expect(LINE, NOT_FOUND);
  await keep(host).ended;
  expect(host.clock.sleeps).toEqual([5000, 5000]);
});
