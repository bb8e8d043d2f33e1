import { expect, test } from "vitest";
import { runConfigurationLoader } from "../../../src/config/loader-plugin.ts";
import { FakeCommandRunner } from "../../support/fake-commands.ts";

const LOADER = { program: "/sbin/loader", directory: "/tftpdata", interfaceName: "eth0" };
const never = new AbortController().signal;

test("runs with directory and interface, and an empty environment", async () => {
  const commands = new FakeCommandRunner().expect("/sbin/loader /tftpdata eth0");
  await runConfigurationLoader(commands, LOADER, never);
  expect(commands.commands[0]?.environment).toEqual({});
});

test("a failure is fatal", async () => {
  const commands = new FakeCommandRunner().expect("/sbin/loader /tftpdata eth0", { exitCode: 3 });
  await expect(runConfigurationLoader(commands, LOADER, never)).rejects.toMatchObject({
    code: "E_CONFIG_LOADER",
    message: "running the configuration loader /sbin/loader",
    cause: { code: "E_COMMAND_FAILED" },
  });
});
