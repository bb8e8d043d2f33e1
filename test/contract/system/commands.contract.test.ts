import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { InstallerError } from "../../../src/core/errors.ts";
import { Secret } from "../../../src/core/secret.ts";
import type { Command, CommandRunner } from "../../../src/system/commands.ts";
import { ExecaCommandRunner } from "../../../src/system/node/execa-command-runner.ts";
import { FakeCommandRunner, type FakeReply } from "../../support/fake-commands.ts";

const never = new AbortController().signal;

/** The command, and what a fake has to be told so that it answers as the real program does. */
type Script = readonly [Command, FakeReply?];

const adapters: readonly (readonly [string, (script: Script) => CommandRunner])[] = [
  ["ExecaCommandRunner", () => new ExecaCommandRunner()],
  ["FakeCommandRunner", ([command, reply]) => new FakeCommandRunner().expect(command, reply)],
];

describe.each(adapters)("commands: %s", (_, createRunner) => {
  it("gives exit code, output and lines", async () => {
    const lines: string[] = [];
    const command: Command = {
      program: "sh",
      args: ["-c", "echo one; echo; printf two; echo trouble >&2"],
      onOutputLine: (line, stream) => lines.push(`${stream}: ${line}`),
    };
    const runner = createRunner([command, { stdout: "one\n\ntwo", stderr: "trouble\n" }]);
    const result = await runner.run(command, never);
    expect(result).toMatchObject({ exitCode: 0, stdout: "one\n\ntwo", stderr: "trouble\n" });
    expect(lines.filter((line) => line.startsWith("stdout"))).toEqual([
      "stdout: one",
      "stdout: ",
      "stdout: two",
    ]);
    expect(lines).toContain("stderr: trouble");
  });

  it("rejects an unexpected exit code with the command and its last words", async () => {
    const command: Command = { program: "sh", args: ["-c", "echo no such disk >&2; exit 3"] };
    const runner = createRunner([command, { exitCode: 3, stderr: "no such disk\n" }]);
    const error = await failure(runner.run(command, never));
    expect(error.code).toBe("E_COMMAND_FAILED");
    expect(error.message).toBe("running sh -c 'echo no such disk >&2; exit 3': exit code 3: no such disk");
  });

  it("quotes standard output when there is no standard error", async () => {
    const command: Command = { program: "sh", args: ["-c", "echo hm; exit 1"] };
    const runner = createRunner([command, { exitCode: 1, stdout: "hm\n" }]);
    expect((await failure(runner.run(command, never))).message).toBe(
      "running sh -c 'echo hm; exit 1': exit code 1: hm",
    );
  });

  it("accepts the exit codes that the command names, and no others", async () => {
    const command: Command = { program: "sh", args: ["-c", "exit 1"], okExitCodes: [0, 1] };
    const runner = createRunner([command, { exitCode: 1 }]);
    expect((await runner.run(command, never)).exitCode).toBe(1);
    const strict: Command = { program: "true", args: [], okExitCodes: [4] };
    expect((await failure(createRunner([strict, {}]).run(strict, never))).code).toBe("E_COMMAND_FAILED");
  });

  it("does not start when cancelled before", async () => {
    const command: Command = { program: "true", args: [] };
    const reason = new Error("operator said stop");
    const error = await failure(createRunner([command]).run(command, AbortSignal.abort(reason)));
    expect([error.code, error.cause]).toEqual(["E_CANCELLED", reason]);
  });

  it("gives the exit code of an interactive program", async () => {
    const command: Command = { program: "sh", args: ["-c", "exit 7"] };
    expect(await createRunner([command, { exitCode: 7 }]).runInteractive(command, never)).toBe(7);
  });
});

describe("ExecaCommandRunner", () => {
  const runner = new ExecaCommandRunner();
  const shell = (script: string, more: Partial<Command> = {}): Command => ({
    program: "sh",
    args: ["-c", script],
    ...more,
  });
  let scratch = "";
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), "commands-contract-"));
  });
  afterEach(() => rmSync(scratch, { recursive: true, force: true }));

  it("gives our whole environment when asked to", async () => {
    const inherited = await runner.run({ program: "env", args: ["-0"], environment: "inherited" }, never);
    const expected = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
    expect(
      inherited.stdout
        .split("\0")
        .filter((line) => line !== "")
        .toSorted(),
    ).toEqual(expected.toSorted());
  });

  it("gives a minimal environment and none of ours", async () => {
    const environment = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nLC_ALL=C\n";
    expect((await runner.run({ program: "env", args: [] }, never)).stdout).toBe(environment);
    const replaced = await runner.run({ program: "env", args: [], environment: { A: "b" } }, never);
    expect(replaced.stdout).toBe("A=b\n");
    const empty = await runner.run({ program: "env", args: [], environment: {} }, never);
    expect(empty.stdout).toBe("");
  });

  it.each([
    ["text", "text"],
    ["bytes", Buffer.from("bytes")],
    ["a secret", new Secret(Buffer.from("a secret"))],
  ])("writes %s to standard input", async (expected, stdin) => {
    expect((await runner.run({ program: "cat", args: [], stdin }, never)).stdout).toBe(expected);
  });

  it("gives an empty standard input by default", async () => {
    expect((await runner.run({ program: "cat", args: [] }, never)).stdout).toBe("");
  });

  it("does not mind a program that leaves its input unread", async () => {
    const result = await runner.run({ program: "true", args: [], stdin: "x".repeat(1_000_000) }, never);
    expect(result.exitCode).toBe(0);
  });

  it("never shows a secret, not even in an error", async () => {
    const error = await failure(
      runner.run(shell("exit 1", { stdin: new Secret(Buffer.from("hunter2")) }), never),
    );
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain("hunter2");
  });

  it("keeps the last MiB of output", async () => {
    const { stdout } = await runner.run(shell("head -c 3000000 /dev/zero | tr '\\0' x; printf end"), never);
    expect([stdout.length, stdout.slice(-4)]).toEqual([1024 * 1024, "xend"]);
  });

  it("names the signal that killed the program", async () => {
    const error = await failure(runner.run(shell("kill -9 $$"), never));
    expect([error.code, error.message]).toEqual([
      "E_COMMAND_FAILED",
      "running sh -c 'kill -9 $$': killed by SIGKILL",
    ]);
  });

  it("says when a program could not even be started", async () => {
    const error = await failure(runner.run({ program: "true", args: ["x".repeat(3_000_000)] }, never));
    expect(error.code).toBe("E_COMMAND_FAILED");
    expect(error.message.startsWith("starting true xxx")).toBe(true);
  });

  it.each([
    ["nonesuch", undefined, "looking for nonesuch: not found in PATH"],
    ["/etc/passwd", undefined, "looking for /etc/passwd: no such executable"],
    ["/etc", undefined, "looking for /etc: no such executable"],
    ["sh", "/proc", "looking for sh: not found in PATH (chroot=/proc)"],
  ])("knows before starting that %s is no program (chroot %s)", async (program, chroot, message) => {
    const command = { program, args: [], ...(chroot === undefined ? {} : { chroot }) };
    const error = await failure(runner.run(command, never));
    expect([error.code, error.message]).toEqual(["E_COMMAND_NOT_FOUND", message]);
  });

  it("kills the whole process group at the time limit", async () => {
    const pids = join(scratch, "pids");
    const script = `sleep 60 & echo $$ $! > ${pids}; echo waiting; wait`;
    const error = await failure(runner.run(shell(script, { timeoutMs: 300 }), never));
    expect(error.code).toBe("E_COMMAND_TIMEOUT");
    expect(error.message.endsWith(": no end after 0.3 s: waiting")).toBe(true);
    expect(readPids(pids).filter(isAlive)).toEqual([]);
  });

  it("kills harder what ignores SIGTERM", async () => {
    const pids = join(scratch, "pids");
    const script = `trap '' TERM; sleep 60 & echo $$ $! > ${pids}; while :; do wait; done`;
    expect((await failure(runner.run(shell(script, { timeoutMs: 300 }), never))).code).toBe(
      "E_COMMAND_TIMEOUT",
    );
    expect(readPids(pids).filter(isAlive)).toEqual([]);
  });

  it("kills the process group when cancelled", async () => {
    const pids = join(scratch, "pids");
    const controller = new AbortController();
    const onOutputLine = () => controller.abort(new Error("stop"));
    const script = `sleep 60 & echo $$ $! > ${pids}; echo started; wait`;
    const error = await failure(runner.run(shell(script, { onOutputLine }), controller.signal));
    expect([error.code, (error.cause as Error).message]).toEqual(["E_CANCELLED", "stop"]);
    expect(readPids(pids).filter(isAlive)).toEqual([]);
  });

  it("does not wait for descendants that keep the output open", async () => {
    const pids = join(scratch, "pids");
    const result = await runner.run(shell(`sleep 60 & echo $! > ${pids}; echo done`), never);
    expect([result.exitCode, result.stdout]).toEqual([0, "done\n"]);
    expect(readPids(pids).filter(isAlive)).toEqual([]);
  });

  it("gives 128 and the signal's number when an interactive program is killed", async () => {
    expect(await runner.runInteractive({ program: "sh", args: ["-c", "kill -15 $$"] }, never)).toBe(143);
  });

  describe("in a chroot", () => {
    const inRoot = (program: string, ...args: readonly string[]): Command => ({
      program,
      args,
      chroot: scratch,
    });
    beforeEach(() => {
      mkdirSync(join(scratch, "usr/bin"), { recursive: true });
      mkdirSync(join(scratch, "etc"));
      copyFileSync("/usr/bin/busybox", join(scratch, "usr/bin/busybox"));
      // Links as images have them: merged /usr, absolute targets that mean the image's own files.
      symlinkSync("/usr/bin", join(scratch, "bin"));
      symlinkSync("/etc/alternatives-sh", join(scratch, "usr/bin/sh"));
      symlinkSync("../../../usr/bin/busybox", join(scratch, "etc/alternatives-sh"));
    });

    it("runs programs of the root, found by name and by path", async () => {
      writeFileSync(join(scratch, "etc/marker"), "inside");
      const command = inRoot("sh", "-c", "read -r text < /etc/marker; echo $text; pwd");
      expect((await runner.run(command, never)).stdout).toBe("inside\n/\n");
      expect((await runner.run(inRoot("/bin/sh", "-c", "echo path"), never)).stdout).toBe("path\n");
    });

    it("does not find programs of the machine outside", async () => {
      symlinkSync("/usr/bin/env", join(scratch, "usr/bin/env"));
      symlinkSync("/usr/bin/loop", join(scratch, "usr/bin/loop"));
      for (const program of ["env", "loop", "ls", "/bin/ls"]) {
        expect((await failure(runner.run(inRoot(program), never))).code).toBe("E_COMMAND_NOT_FOUND");
      }
    });

    it("does not take a file that nobody may execute for a program", async () => {
      writeFileSync(join(scratch, "usr/bin/tool"), "#!/bin/sh\n");
      chmodSync(join(scratch, "usr/bin/tool"), 0o644);
      expect((await failure(runner.run(inRoot("tool"), never))).code).toBe("E_COMMAND_NOT_FOUND");
    });
  });
});

describe("FakeCommandRunner", () => {
  it("refuses commands that were not scripted, and scripted ones that did not run", async () => {
    const runner = new FakeCommandRunner().expect("true");
    await expect(runner.run({ program: "false", args: [] }, never)).rejects.toThrow("not scripted: false");
    expect(() => runner.assertDone()).toThrow("never ran:\ntrue");
    await runner.run({ program: "true", args: [] }, never);
    runner.assertDone();
    expect(runner.lines).toEqual(["true"]);
  });
});

async function failure(operation: Promise<unknown>): Promise<InstallerError> {
  try {
    await operation;
  } catch (error) {
    if (error instanceof InstallerError) return error;
    throw error;
  }
  throw new Error("there was no error");
}

function readPids(path: string): readonly number[] {
  return readFileSync(path, "utf8").trim().split(/\s+/).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie still has a number; it is dead all the same.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
