import { describe, expect, it } from "vitest";
import { COMMANDS, DAEMON } from "../../../../src/cli/command-table.ts";
import { createFakeHost } from "../../../support/fake-host.ts";
import { runInProcess } from "../../../support/program-in-process.ts";

const NO_CERTIFICATES = "-certDirectory=/nowhere";

async function run(argv: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const host = createFakeHost({ files });
  const { exitCode, stdout, stderr } = await runInProcess({
    argv,
    daemon: DAEMON,
    commands: COMMANDS,
    openHost: () => ({ ...host, [Symbol.asyncDispose]: async () => undefined }),
  });
  return { exitCode, stdout: stdout.toString(), stderr };
}

describe("commands for a machine that is being installed", () => {
  it.each(["watch", "shell", "logs", "status", "diagnose"])("%s wants a host", async (name) => {
    const { exitCode, stderr } = await run([name]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("missing argument: host");
  });

  it.each([
    ["watch", "http://host7"],
    ["logs", "host7:ssh"],
    ["status", ":6978"],
    ["shell", "host7:0"],
  ])("%s refuses %s without touching the network", async (name, host) => {
    const { exitCode, stderr } = await run([name, host]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/not a host|bad port/);
  });

  it.each([
    ["shell", ["shell", "host7"], "Installer.Shell"],
    ["control", ["control", "host7", "cancel"], "Installer.Cancel"],
    ["diagnose", ["diagnose", "host7", "-o", "x.tar"], "Installer.Diagnose"],
  ])("%s says what is missing when there is no certificate", async (_name, argv, grant) => {
    const { exitCode, stderr } = await run([...argv, NO_CERTIFICATES]);
    expect(exitCode).toBe(4);
    expect(stderr).toContain(
      "missing certificate: there is none in /nowhere\n  hint: put NAME.cert and NAME.key",
    );
    expect(stderr).toContain(`has to grant ${grant}`);
  });

  it("control explains an unknown action", async () => {
    const { exitCode, stderr } = await run(["control", "host7", "relaese"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('unknown action "relaese": it is one of hold, release, reboot, rerun, cancel');
    expect(stderr).toContain("did you mean release?");
  });

  it("logs explains an unknown level", async () => {
    const { exitCode, stderr } = await run(["logs", "-level", "loud", "host7"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('-level is error, warn, info or debug, not "loud"');
  });

  it("diagnose wants to know where to, and keeps a file that exists", async () => {
    const nowhere = await run(["diagnose", "host7"]);
    expect(nowhere.exitCode).toBe(2);
    expect(nowhere.stderr).toContain("-o FILE");
    const kept = await run(["diagnose", "-o", "/srv/host7.tar", "host7"], { "/srv/host7.tar": "old" });
    expect(kept.exitCode).toBe(4);
    expect(kept.stderr).toContain("/srv/host7.tar exists\n  hint: -force replaces it");
  });
});
