import { describe, expect, it } from "vitest";

import { type CommandBody, type CommandContext, defineCommand } from "../../../src/cli/command.ts";
import type { ProgramCommands } from "../../../src/cli/program.ts";
import { InstallerError } from "../../../src/core/errors.ts";
import { systemError } from "../../../src/system/system-error.ts";
import { type InProcessRun, runInProcess } from "../../support/program-in-process.ts";

type Body = (context: CommandContext, args: readonly string[]) => Promise<number>;

const succeed: Body = () => Promise.resolve(0);

/** A program of four commands that all do `body`. */
function programOf(body: Body): ProgramCommands {
  const load = () => Promise.resolve({ run: body });
  const own = { dir: { type: "string", default: "", description: "A directory" } } as const;
  const runOwn: CommandBody<typeof own> = (context, args, { dir }) => body(context, [...args, dir]);
  return {
    daemon: defineCommand({ name: "", args: [], exitCodes: "original", obeysDryRun: true, load }),
    commands: [
      defineCommand({ name: "bare", args: [], exitCodes: "original", load }),
      defineCommand({
        name: "copy",
        args: ["from", "to"],
        doing: "copying things",
        exitCodes: "original",
        load,
      }),
      defineCommand({
        name: "image add",
        args: ["name", "[tag]"],
        doing: "adding image",
        exitCodes: "by-kind",
        flags: own,
        help: "Adds.\n",
        load: () => Promise.resolve({ run: runOwn }),
      }),
      defineCommand({ name: "later", args: [], doing: "waiting", exitCodes: "original" }),
    ],
  };
}

function run(argv: readonly string[], body: Body = succeed, request: Partial<InProcessRun> = {}) {
  return runInProcess({ argv, ...programOf(body), ...request });
}

describe("runProgram", () => {
  it.each([
    [[], []],
    [["-dryRun"], []],
    [
      ["copy", "a", "b"],
      ["a", "b"],
    ],
    [
      ["copy", "-a", "--"],
      ["-a", "--"],
    ],
    [
      ["image", "add", "x"],
      ["x", ""],
    ],
    [
      ["image", "add", "-dir", "/d", "x", "y"],
      ["x", "y", "/d"],
    ],
    [
      ["image", "add", "x", "-dir=/d", "--", "-y"],
      ["x", "-y", "/d"],
    ],
  ])("runs %j", async (argv, args) => {
    const seen: (readonly string[])[] = [];
    const body: Body = (_context, found) => {
      seen.push(found);
      return Promise.resolve(7);
    };
    const { exitCode, stderr } = await run(argv, body);
    expect({ exitCode, stderr, seen }).toEqual({ exitCode: 7, stderr: "", seen: [args] });
  });

  it("gives the command the flags of file and command line", async () => {
    let mountPoint = "";
    const body: Body = ({ flags }) => {
      mountPoint = `${flags.mountPoint} ${flags.portNum}`;
      return Promise.resolve(0);
    };
    const files = new Map([["/etc/installer/flags.default", "mountPoint=/a\nportNum=1"]]);
    await run(["-mountPoint=/b", "bare"], body, { files });
    expect(mountPoint).toBe("/b 1");
  });

  it.each([
    [["-bogus"], "flag provided but not defined: -bogus", "Usage: installer [flags...] [command"],
    [["bogus"], 'unknown command: "bogus"', "Usage: installer [flags...] [command"],
    [[""], 'unknown command: ""', "Usage: installer [flags...] [command"],
    [
      ["image"],
      'unknown command: "image", expected one of: image add',
      "Usage: installer [flags...] [command",
    ],
    [
      ["image", "x"],
      'unknown command: "image x", expected one of: image add',
      "Usage: installer [flags...] [command",
    ],
    [["bare", "-h"], "too many arguments: expected 0, got 1", "Usage: installer [flags...] [command"],
    [["copy", "a"], "missing argument: to", "Usage: installer [flags...] [command"],
    [
      ["image", "add"],
      "missing argument: name",
      "Usage: installer [flags...] image add [flags...] name [tag]",
    ],
    [
      ["image", "add", "a", "b", "c"],
      "too many arguments: expected 2, got 3",
      "Usage: installer [flags...] image add",
    ],
    [["image", "add", "-x"], "flag provided but not defined: -x", "Usage: installer [flags...] image add"],
  ])("answers %j with the mistake, the usage and exit code 2", async (argv, message, usage) => {
    const { exitCode, stderr } = await run(argv);
    expect(exitCode).toBe(2);
    expect(stderr.split("\n")[0]).toBe(message);
    expect(stderr.slice(message.length + 1)).toMatch(/^Usage: installer /);
    expect(stderr).toContain(usage);
  });

  it("answers a fault in a flag file with that line and exit code 1", async () => {
    const files = new Map([["/etc/installer/flags.extra", "bogus=1"]]);
    const { exitCode, stderr } = await run(["-h"], succeed, { files });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^\/etc\/installer\/flags\.extra:1: no such flag -bogus\n {2}hint: [^\n]+\n$/);
  });

  it.each([
    [["-h"], /^Usage: installer \[flags\.\.\.\] \[command \[args\.\.\.\]\]\nCommon flags:\n/],
    [["-version", "-bogus"], /^installer unknown\n {2}Commit: unknown\n/],
    [
      ["image", "add", "-h"],
      /^Usage: installer \[flags\.\.\.\] image add .*\n\nAdds\.\n\nFlags:\n {2}-dir string\n/,
    ],
  ])("answers %j on standard error with exit code 0", async (argv, text) => {
    const { exitCode, stdout, stderr } = await run(argv);
    expect({ exitCode, stdout: stdout.length }).toEqual({ exitCode: 0, stdout: 0 });
    expect(stderr).toMatch(text);
  });

  it("prints the version when a flag file asks for it", async () => {
    const files = new Map([["/etc/installer/flags.default", "version=x"]]);
    const { exitCode, stderr } = await run(["-bogus"], succeed, { files });
    expect({ exitCode, firstLine: stderr.split("\n")[0] }).toEqual({
      exitCode: 0,
      firstLine: "installer unknown",
    });
  });

  const tooSmall = new InstallerError("E_IMAGE_TOO_LARGE", "unpacking x", {
    cause: new Error("no space"),
    hint: "grow",
  });
  it.each([
    [["copy", "a", "b"], tooSmall, 1, "error copying things: unpacking x: no space\n  hint: grow\n"],
    [["bare"], tooSmall, 1, "unpacking x: no space\n  hint: grow\n"],
    [["image", "add", "a"], tooSmall, 6, "error adding image: unpacking x: no space\n  hint: grow\n"],
    [
      ["image", "add", "a"],
      systemError("ENOSPC", "write"),
      4,
      "error adding image: ENOSPC: no space left on device, write\n",
    ],
  ])("reports the failure of %j once", async (argv, error, exitCode, stderr) => {
    expect(await run(argv, () => Promise.reject(error))).toMatchObject({ exitCode, stderr });
  });

  it("shows the stack of a defect", async () => {
    const { exitCode, stderr } = await run(["image", "add", "a"], () =>
      Promise.reject(new TypeError("oops")),
    );
    expect(exitCode).toBe(70);
    expect(stderr).toMatch(/^error adding image: oops\n {4}at .*program\.test/);
  });

  it("is quiet when the reader of its output has gone", async () => {
    const cause = systemError("EPIPE", "write");
    const gone = () => Promise.reject(new InstallerError("E_OUTPUT", "writing standard output", { cause }));
    expect(await run(["copy", "a", "b"], gone)).toMatchObject({ exitCode: 141, stderr: "" });
  });

  it("speaks of a broken connection, which also is EPIPE", async () => {
    const lost = () => Promise.reject(systemError("EPIPE", "write"));
    expect(await run(["copy", "a", "b"], lost)).toMatchObject({ exitCode: 1 });
  });

  it("ends with 130 when interrupted, whatever the command makes of it", async () => {
    const interruption = new AbortController();
    const body: Body = () => {
      interruption.abort(new InstallerError("E_CANCELLED", "interrupted by SIGINT"));
      return Promise.reject(new Error("the operation was aborted"));
    };
    const result = await run(["copy", "a", "b"], body, { signal: interruption.signal });
    expect(result).toMatchObject({ exitCode: 130, stderr: "error copying things: interrupted by SIGINT\n" });
  });

  it("logs raw lines, debug messages up to the level asked for", async () => {
    const body: Body = ({ log }) => {
      log.info("one");
      log.debug(0, "two");
      log.debug(1, "three");
      return Promise.resolve(0);
    };
    expect((await run(["bare"], body)).stderr).toBe("one\n");
    expect((await run(["-logDebugLevel=0", "bare"], body)).stderr).toBe("one\ntwo\n");
  });

  it("says so when a command is not part of the build", async () => {
    const { exitCode, stderr } = await run(["later"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: "error waiting: later is not part of this build\n  hint: use a complete build\n",
    });
  });
});

describe("the machine of a command", () => {
  it.each([
    [["-dryRun", "bare"], false],
    [["-dryRun"], true],
    [[], false],
  ])("of %j is a stand-in: %s", async (argv, expected) => {
    const asked: boolean[] = [];
    const body: Body = async ({ openHost }) => {
      await openHost();
      await openHost();
      return 0;
    };
    const closed: boolean[] = [];
    const openHost = (isDryRun: boolean) => {
      asked.push(isDryRun);
      return { [Symbol.asyncDispose]: async () => void closed.push(isDryRun) };
    };
    expect(await run(argv, body, { openHost })).toMatchObject({ exitCode: 0 });
    expect({ asked, closed }).toEqual({ asked: [expected], closed: [expected] });
  });
});

describe("-cpuProfileFilename", () => {
  it("writes a profile of a command", async () => {
    const { exitCode, written } = await run(["-cpuProfileFilename=/p", "bare"]);
    expect(exitCode).toBe(0);
    expect(Object.keys(JSON.parse(written.get("/p") ?? "{}"))).toContain("samples");
  });

  it("refuses a file that cannot be made before the command starts", async () => {
    const { exitCode, stderr } = await run(["-cpuProfileFilename=/absent/p", "bare"], () =>
      Promise.reject(new Error("ran")),
    );
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^creating the CPU profile \/absent\/p: ENOENT/);
  });

  it("is ignored by the daemon", async () => {
    expect((await run(["-cpuProfileFilename=/absent/p"])).exitCode).toBe(0);
  });
});
