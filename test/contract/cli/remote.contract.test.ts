import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createNodeHost } from "../../../src/system/node/node-host.ts";
import type { Terminal } from "../../../src/system/terminals.ts";
import { Scratch } from "../../support/scratch.ts";
import { Screen } from "../../support/screen.ts";
import type { ScriptedRun } from "../../support/scripted-run.ts";
import {
  type InstallingMachine,
  type InstallingMachineOptions,
  makeSite,
  startInstallingMachine,
} from "./installing-machine.ts";

const MAIN = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));
const host = createNodeHost();
const site = makeSite();
const { credentials } = site;
const ALL = ["Installer.*"];

let scratch: Scratch;
const cleanUp: AsyncDisposable[] = [];

beforeAll(() => {
  scratch = new Scratch();
});
beforeEach(() => mkdirSync(scratch.at("home", ".ssl"), { recursive: true }));
afterEach(async () => {
  for (const resource of cleanUp.splice(0).toReversed()) await resource[Symbol.asyncDispose]();
  scratch[Symbol.dispose]();
  scratch = new Scratch();
});
afterAll(async () => {
  scratch[Symbol.dispose]();
  await host[Symbol.asyncDispose]();
});

async function startMachine(options: Partial<InstallingMachineOptions> = {}): Promise<InstallingMachine> {
  const machine = await startInstallingMachine({ host, credentials, ...options });
  cleanUp.push(machine);
  return machine;
}

const issue = async (methods = ALL, notAfter?: Date): Promise<void> =>
  site.issue(scratch.at("home", ".ssl"), methods, notAfter);

/** The real program with its own home directory, on pipes. */
function start(...argv: readonly string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [MAIN, ...argv], { env: { HOME: scratch.at("home") } });
  cleanUp.push({
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  });
  return child;
}

interface Ended {
  readonly exit: unknown;
  readonly output: string;
  readonly errors: string;
}

async function endOf(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const [[code, signal], output, errors] = await Promise.all([
    once(child, "exit"),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { exit: code ?? signal, output, errors };
}

async function run(...argv: readonly string[]): Promise<Ended> {
  const child = start(...argv);
  child.stdin.end();
  return endOf(child);
}

interface OnTerminal {
  readonly terminal: Terminal;
  readonly screen: Screen;
}

async function openTerminal(program: string, args: readonly string[]): Promise<OnTerminal> {
  const terminal = await host.terminals.open({
    program,
    args,
    environment: { HOME: scratch.at("home"), TERM: "xterm", PATH: "/usr/bin:/bin", NO_COLOR: "1" },
    size: { columns: 90, rows: 20 },
  });
  cleanUp.push(terminal);
  return { terminal, screen: new Screen(terminal.output) };
}

/** The real program on a terminal of its own. */
async function startOnTerminal(...argv: readonly string[]): Promise<OnTerminal> {
  return openTerminal(process.execPath, [MAIN, ...argv]);
}

/** Time enough for everything that a run has to say. */
function installed(run: ScriptedRun): ScriptedRun {
  return run
    .start("fix-clock", "Fix the clock")
    .pass(1500)
    .end("fix-clock")
    .log("installation complete")
    .publish("run-ended", { outcome: "succeeded", message: "" });
}

describe("status", () => {
  it("needs no certificate, and prints what people and programs read", async () => {
    const machine = await startMachine();
    machine.run.start("get", "Download the missing objects").pass(3000);
    const people = await run("status", machine.address);
    expect([people.exit, people.errors]).toEqual([0, ""]);
    expect(people.output).toContain(`host (${machine.address}): installing for 3s\n`);
    expect(people.output).toContain("\n   >>   Download the missing objects  3s\n");
    const programs = await run("status", "-json", machine.address);
    expect(JSON.parse(programs.output)).toMatchObject({
      hostname: "host",
      outcome: "running",
      steps: [{ id: "get", state: "running" }],
    });
  });

  it("exits with 6 when the installation has failed, and gives the advice", async () => {
    const machine = await startMachine();
    machine.run
      .start("get", "Download")
      .publish("step-failed", {
        id: "get",
        durationMs: 1,
        code: "E_HTTP",
        message: "no",
        hint: "look at the server",
      })
      .publish("run-ended", { outcome: "failed", message: "error installing: no" });
    const { exit, output } = await run("status", machine.address);
    expect(exit).toBe(6);
    expect(output).toContain("error installing: no\nhint: look at the server\ncode: E_HTTP\n");
  });

  it("works with a machine that has no certificate at all", async () => {
    const { credentials: _, ...without } = { credentials };
    const machine = await startInstallingMachine({ host, ...without });
    cleanUp.push(machine);
    const { exit, output } = await run("status", machine.address);
    expect([exit, output]).toEqual([0, expect.stringContaining("installing for")]);
  });

  it("says what to do when only holders of certificates may look", async () => {
    const machine = await startMachine({ statusAccess: "authenticated" });
    const refused = await run("status", machine.address);
    expect(refused.exit).toBe(4);
    expect(refused.errors).toMatch(
      /^error asking for the status: .*\n {2}hint: .*certificate.*-certDirectory/,
    );
    await issue(["Nothing.At"]);
    expect((await run("status", machine.address)).exit).toBe(0);
  });

  it("exits with 5 at once when nothing listens, and tries for as long as it is told", async () => {
    const machine = await startMachine();
    await machine[Symbol.asyncDispose]();
    const { exit, errors } = await run("status", machine.address);
    expect(exit).toBe(5);
    expect(errors).toContain("connection refused");
    const waiting = start("status", "-wait", "1m", machine.address);
    await once(waiting.stderr, "data");
    await startMachine({ port: machine.port });
    expect(await endOf(waiting)).toMatchObject({
      exit: 0,
      errors: expect.stringContaining("connected to") as string,
    });
  });
});

describe("logs", () => {
  it("prints the log as the log file has it, from a level on, or its end", async () => {
    const machine = await startMachine();
    machine.run.log("one").pass(10).log("two", "warn").pass(10).log("three");
    expect((await run("logs", machine.address)).output).toBe(
      "[  0.000] one\n[  0.010] two\n[  0.020] three\n",
    );
    expect((await run("logs", "-level", "warn", machine.address)).output).toBe("[  0.010] two\n");
    expect((await run("logs", machine.address, "-last=1")).output).toBe("[  0.020] three\n");
  });

  it("follows through a lost connection and a restart of the installer without loss or repetition", async () => {
    const first = await startMachine();
    first.run.log("one");
    const child = start("logs", "-f", first.address);
    const seen = new Screen(child.stdout);
    await seen.until(/one\n/);
    await first[Symbol.asyncDispose]();
    first.run.log("while nobody listened");
    const second = await startMachine({ port: first.port, run: first.run });
    await seen.until(/while nobody listened\n/);
    second.run.log("two");
    await seen.until(/two\n/);
    await second[Symbol.asyncDispose]();
    const third = await startMachine({ port: first.port });
    third.run.log("anew");
    expect(await seen.until(/anew\n/)).toBe(
      ["one", "while nobody listened", "two"].map((line) => `[  0.000] ${line}\n`).join("") +
        "(the installer has started anew)\n[  0.000] anew\n",
    );
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([130, null]);
  });

  it("ends quietly when nobody reads any more", async () => {
    const machine = await startMachine();
    for (let line = 0; line < 2000; line++) machine.run.log("x".repeat(200));
    const child = start("logs", "-f", machine.address);
    child.stdout.once("data", () => child.stdout.destroy());
    const errors = text(child.stderr);
    await once(child, "exit");
    expect([child.exitCode, await errors]).toEqual([141, ""]);
  });
});

describe("watch", () => {
  it("prints line by line on a pipe and exits with the outcome", async () => {
    const machine = await startMachine();
    const child = start("watch", machine.address);
    const ended = endOf(child);
    installed(machine.run.log("installer started"));
    expect(await ended).toEqual({
      exit: 0,
      output: "[  0.000] installer started\n[  1.500] installation complete\n",
      errors: "",
    });
    machine.run.publish("run-ended", { outcome: "failed", message: "" });
    const { exit } = await run("watch", "-follow=false", (await startFailed()).address);
    expect(exit).toBe(6);
  });

  async function startFailed(): Promise<InstallingMachine> {
    const machine = await startMachine();
    machine.run.publish("run-ended", { outcome: "failed", message: "error installing: no drive" });
    return machine;
  }

  it("shows a live view on a terminal, follows the window, and leaves the terminal as it was", async () => {
    const machine = await startMachine();
    machine.run.log("installer started").start("get", "Download the missing objects").pass(4000);
    const { terminal, screen } = await startOnTerminal("watch", machine.address);
    await screen.until(/installing for 4.*Download the missing objects.*installer started/s);
    expect(screen.text).toContain("\u001b[?1049h");
    const before = screen.text.length;
    terminal.resize({ columns: 40, rows: 10 });
    await screen.until(new RegExp(`^[^]{${before}}[^]*\u001b\\[2J[^]*installing for`));
    await machine[Symbol.asyncDispose]();
    await screen.until(/no connection: /);
    const again = await startMachine({ port: machine.port, run: machine.run });
    installed(again.run);
    await screen.until(/installed in/);
    await screen.ended;
    expect((await terminal.exit).exitCode).toBe(0);
    expect(screen.text.slice(screen.text.lastIndexOf("\u001b[?1049l"))).toBe(
      `\u001b[?1049lhost (${machine.address}): installed in 5.5s\r\n`,
    );
  });

  it("leaves at q with 0, and at Ctrl-C with 130", async () => {
    const machine = await startMachine();
    for (const [key, exitCode] of [
      ["q", 0],
      ["\u0003", 130],
    ] as const) {
      const { terminal, screen } = await startOnTerminal("watch", machine.address);
      await screen.until(/installing for/);
      await terminal.write(Buffer.from(key));
      expect(await terminal.exit).toEqual({ exitCode });
      await screen.ended;
      expect(screen.text).toContain("\u001b[?7h\u001b[?25h\u001b[?1049l");
    }
  });
});

describe("shell", () => {
  it("is a terminal over there: keys, window size, Ctrl-C, exit code", async () => {
    await issue();
    const machine = await startMachine();
    const { terminal, screen } = await startOnTerminal("shell", machine.address);
    await screen.until(/Press control-\\ to disconnect\r\n.*# $/s);
    const type = async (keys: string): Promise<void> => terminal.write(Buffer.from(keys));
    await type("stty size; echo $TERM\r");
    await screen.until(/20 90\r\n.*xterm\r\n/s);
    terminal.resize({ columns: 100, rows: 30 });
    await type("sleep 100\r");
    await screen.until(/sleep 100\r\n/);
    await type("\u0003");
    await screen.until(/\^C\r\n/);
    await type("stty size\r");
    await screen.until(/30 100\r\n/);
    // A bare line feed, as full-screen programs use it, stays one.
    await type("stty -onlcr; printf 'a\\nb'; stty onlcr\r");
    await screen.until(/[^\\]a\nb/);
    await type("exit 7\r");
    expect(await terminal.exit).toEqual({ exitCode: 7 });
    expect(machine.sessions.count).toBe(0);
  });

  it("disconnects at control-\\ with 0, and ends the shell over there", async () => {
    await issue();
    const machine = await startMachine();
    const { terminal, screen } = await startOnTerminal("shell", machine.address);
    await screen.until(/# $/);
    expect(machine.sessions.count).toBe(1);
    await terminal.write(Buffer.from("\u001c"));
    expect(await terminal.exit).toEqual({ exitCode: 0 });
    await expect.poll(() => machine.sessions.count).toBe(0);
  });

  it("leaves the terminal as it was, also when the connection is lost", async () => {
    await issue();
    const machine = await startMachine();
    const program = [process.execPath, MAIN, "shell", machine.address].join(" ");
    const script = `stty -g; ${program}; stty -g; ${program}; stty -g`;
    const { screen, terminal } = await openTerminal("bash", ["-c", script]);
    await screen.until(/# $/);
    await terminal.write(Buffer.from("\u001c"));
    await screen.until(/# [^]*# $/);
    await machine[Symbol.asyncDispose]();
    await screen.ended;
    expect(screen.text).toContain("error opening a shell: ");
    const settings = screen.text.match(/^[0-9a-f]+(:[0-9a-f]+)+$/gm) ?? [];
    expect(settings).toHaveLength(3);
    expect(new Set(settings).size).toBe(1);
  });

  it("types what comes through a pipe, and ends with the exit code of the shell", async () => {
    await issue();
    const machine = await startMachine();
    const child = start("shell", machine.address);
    child.stdin.end("echo $((6 * 7)); cat /proc/self/stat > /dev/null; exit 3\n");
    const { exit, output, errors } = await endOf(child);
    expect([exit, errors]).toEqual([3, ""]);
    expect(output).toContain("\r\n42\r\n");
    const other = start("shell", machine.address);
    other.stdin.end("echo the end");
    expect(await endOf(other)).toMatchObject({
      exit: 0,
      output: expect.stringContaining("the end") as string,
    });
  });

  it("passes on much output without loss", async () => {
    await issue();
    const machine = await startMachine();
    const child = start("shell", machine.address);
    child.stdin.end("stty -echo; PS1=; seq 200000; exit\n");
    const { output } = await endOf(child);
    const numbers = output.split("\r\n").filter((line) => /^[0-9]+$/.test(line));
    expect(numbers).toEqual(Array.from({ length: 200_000 }, (_, index) => String(index + 1)));
  });

  it("is refused without the right to it, and says what is missing", async () => {
    const machine = await startMachine();
    const none = await run("shell", machine.address);
    expect([none.exit, none.errors]).toEqual([4, expect.stringContaining("missing certificate")]);
    await issue(["Installer.GetStatus"]);
    const other = await run("shell", machine.address);
    expect([other.exit, other.errors]).toEqual([4, expect.stringContaining("permitted methods")]);
    await issue(ALL, new Date(Date.now() - 3_600_000));
    const expired = await run("shell", machine.address);
    expect(expired.exit).toBe(4);
    expect(expired.errors).toMatch(/alice\.cert expired 1h\S* ago\n.*missing certificate/);
    expect(machine.sessions.count).toBe(0);
  });

  it("never types over a connection that others can read, unless told to", async () => {
    await issue();
    const machine = await startInstallingMachine({ host, isInsecure: true });
    cleanUp.push(machine);
    const refused = await run("shell", machine.address);
    expect([refused.exit, refused.errors]).toEqual([5, expect.stringContaining("it offers no encryption")]);
    expect(machine.sessions.count).toBe(0);
    const child = start("shell", "-insecure", machine.address);
    child.stdin.end("exit 4\n");
    expect(await endOf(child)).toMatchObject({ exit: 4 });
  });

  it("works with an original installer, which only speaks SRPC", async () => {
    await issue();
    const machine = await startMachine({ isOriginal: true });
    const { terminal, screen } = await startOnTerminal("shell", machine.address);
    await screen.until(/Logs so far:\r\n.*log so far\r\n.*Starting shell on: .*# $/s);
    await terminal.write(Buffer.from("echo $((6 * 7))\r"));
    await screen.until(/\r\n42\r\n/);
    await terminal.write(Buffer.from("\u001c"));
    expect(await terminal.exit).toEqual({ exitCode: 0 });
    await expect.poll(() => machine.sessions.count).toBe(0);
    await issue(["Installer.GetStatus"]);
    const denied = await run("shell", machine.address);
    expect([denied.exit, denied.errors]).toEqual([4, expect.stringContaining("access to method denied")]);
  });
});

describe("control", () => {
  it("does what it is told and says so", async () => {
    await issue();
    const machine = await startMachine();
    for (const action of ["hold", "release", "rerun", "cancel"]) {
      const { exit, output, errors } = await run("control", machine.address, action);
      expect([exit, errors]).toEqual([0, ""]);
      expect(output).toMatch(/^\S.*\n$/);
    }
    expect(machine.controlled).toEqual(["hold", "release", "rerun", "cancel"]);
  });

  it("exits with 5 when the state does not allow it, and with 4 without the right", async () => {
    await issue();
    const machine = await startMachine();
    const early = await run("control", machine.address, "reboot");
    expect(early.exit).toBe(5);
    await issue(["Installer.HoldReboot"]);
    const denied = await run("control", machine.address, "cancel");
    expect(denied.exit).toBe(4);
    expect(machine.controlled).toEqual([]);
  });
});

describe("diagnose", () => {
  const archive = [Buffer.alloc(300_000, "a"), Buffer.alloc(5, "b")];

  it("writes the archive for the owner alone, and keeps a file that is there", async () => {
    await issue();
    const machine = await startMachine({ archive });
    const path = scratch.at("host7.tar");
    const { exit, output, errors } = await run("diagnose", machine.address, "-o", path);
    expect([exit, output]).toEqual([0, ""]);
    expect(errors).toBe(`${path}: 292 KiB\n`);
    expect(readFileSync(path)).toEqual(Buffer.concat(archive));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const again = await run("diagnose", machine.address, "-o", path);
    expect([again.exit, again.errors]).toEqual([4, expect.stringContaining("-force")]);
    expect((await run("diagnose", machine.address, "-force", "-o", path)).exit).toBe(0);
  });

  it("writes to standard output, and nothing at all when it is denied", async () => {
    await issue();
    const machine = await startMachine({ archive });
    const child = start("diagnose", "-o", "-", machine.address);
    const pieces: Buffer[] = [];
    child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
    await once(child, "close");
    expect(Buffer.concat(pieces)).toEqual(Buffer.concat(archive));
    await issue(["Installer.Shell"]);
    const path = scratch.at("denied.tar");
    expect((await run("diagnose", machine.address, "-o", path)).exit).toBe(4);
    expect(existsSync(path)).toBe(false);
  });
});
