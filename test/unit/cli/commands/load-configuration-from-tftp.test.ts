import { expect, test } from "vitest";
import { COMMANDS, DAEMON } from "../../../../src/cli/command-table.ts";
import { runInProcess } from "../../../support/program-in-process.ts";

const run = (...argv: readonly string[]) => runInProcess({ daemon: DAEMON, commands: COMMANDS, argv });

test("needs to be told the server", async () => {
  const { exitCode, stdout, stderr } = await run("load-configuration-from-tftp");
  expect([exitCode, stdout.length]).toEqual([1, 0]);
  expect(stderr.split("\n")[0]).toBe(
    "error loading configuration from TFTP: no -tftpServerHostname specified",
  );
});

test("takes no arguments", async () => {
  const { exitCode, stderr } = await run("load-configuration-from-tftp", "server");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("too many arguments");
});
