import { readdirSync, readFileSync } from "node:fs";
import { open as openFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { InstallerError } from "../../../src/core/errors.ts";
import { createNodeHost } from "../../../src/system/node/node-host.ts";
import { PROGRAM_PATH } from "../../../src/system/program-path.ts";
import type { Terminal, TerminalRequest, Terminals } from "../../../src/system/terminals.ts";
import { FakeTerminals } from "../../support/fake-terminals.ts";
import { run } from "../../support/scratch.ts";
import { Screen } from "../../support/screen.ts";

const PROBE = fileURLToPath(new URL("terminal-probe.ts", import.meta.url));
const ENVIRONMENT = { PATH: PROGRAM_PATH, PS1: "ready$ " };
const host = createNodeHost();
afterAll(() => host[Symbol.asyncDispose]());

/** A program that shows `hello`, and ends with exit code 3 when a line is typed. */
const PROGRAM: TerminalRequest = {
  program: "sh",
  args: ["-c", "echo hello; read line; exit 3"],
  environment: ENVIRONMENT,
};

function fakeOfProgram(): Terminals {
  const terminals = new FakeTerminals();
  return {
    open: async (request) => {
      const terminal = await terminals.open(request);
      terminal.show("hello\r\n");
      terminal.onType = (text) => {
        terminal.show(text.replaceAll("\r", "\r\n"));
        if (text.includes("\r")) terminal.end(3);
      };
      return terminal;
    },
  };
}

describe.each([
  ["NodeTerminals", () => host.terminals],
  ["FakeTerminals", fakeOfProgram],
] as const)("terminals: %s", (_, createTerminals) => {
  it("runs a program, carries both directions and gives the exit code", async () => {
    await using terminal = await createTerminals().open(PROGRAM);
    expect(terminal.device).toMatch(/^\/dev\/pts\/\d+$/);
    const screen = new Screen(terminal.output);
    await screen.until(/hello/);
    await terminal.write(Buffer.from("bye\r"));
    expect(await terminal.exit).toEqual({ exitCode: 3 });
    await screen.ended;
    expect(screen.text).toBe("hello\r\nbye\r\n");
  });

  it("rejects a program that does not exist", async () => {
    const attempt = createTerminals().open({ ...PROGRAM, program: "nonesuch" });
    await expect(attempt).rejects.toMatchObject({
      code: "E_COMMAND_NOT_FOUND",
      message: "looking for nonesuch: not found in PATH",
    });
  });

  it("ends the program and the output when closed, and then does nothing any more", async () => {
    const terminal = await createTerminals().open(PROGRAM);
    const screen = new Screen(terminal.output);
    await screen.until(/hello/);
    await terminal.close();
    expect(await terminal.exit).toEqual({ exitCode: 129 });
    await screen.ended;
    await terminal.write(Buffer.from("late\r"));
    terminal.resize({ columns: 1, rows: 1 });
    terminal.signal("SIGINT");
    await terminal.close();
    expect(screen.text).toBe("hello\r\n");
  });
});

describe("a real pseudo-terminal", () => {
  const opened: Terminal[] = [];
  afterEach(async () => {
    for (const terminal of opened.splice(0)) await terminal.close();
  });

  async function open(request: Partial<TerminalRequest>): Promise<Terminal> {
    const terminal = await host.terminals.open({ ...PROGRAM, ...request });
    opened.push(terminal);
    return terminal;
  }

  /** A program of sh(1). */
  const script = async (text: string, request: Partial<TerminalRequest> = {}): Promise<Terminal> =>
    open({ ...request, program: "sh", args: ["-c", text] });

  async function type(terminal: Terminal, text: string): Promise<void> {
    await terminal.write(Buffer.from(text, "latin1"));
  }

  it.each([
    ["bash", ["--norc", "--noprofile", "--noediting", "-i"]],
    ["dash", ["-i"]],
    ["busybox", ["sh", "-i"]],
  ])("has job control with %s", async (program, args) => {
    const terminal = await open({ program, args });
    const screen = new Screen(terminal.output);
    await screen.until(/ready\$ /);
    await type(terminal, "sleep 1000\r");
    await untilForeground(terminal, "sleep");
    await type(terminal, "\x1a");
    await screen.until(/Stopped.*ready\$ /s);
    await type(terminal, "fg\r");
    await untilForeground(terminal, "sleep");
    await type(terminal, "\x03");
    await type(terminal, "echo code=$?\r");
    await screen.until(/code=130\r\n/);
    expect(screen.text).not.toMatch(/job control|can't access tty/);
    await type(terminal, "exit 5\r");
    expect(await terminal.exit).toEqual({ exitCode: 5 });
  });

  it("has the size that was asked for, and tells the program of another", async () => {
    const unknown = new Screen((await script("stty size")).output);
    await unknown.ended;
    expect(unknown.text).toBe("0 0\r\n");
    const terminal = await script("trap 'stty size; exit' WINCH; stty size; while :; do sleep 0.01; done", {
      size: { columns: 132, rows: 43 },
    });
    const screen = new Screen(terminal.output);
    await screen.until(/43 132/);
    terminal.resize({ columns: 100, rows: 30 });
    await screen.until(/30 100/);
  });

  it("sends signals to what runs in the foreground, not to the shell", async () => {
    const terminal = await open({ program: "bash", args: ["--norc", "--noediting", "-i"] });
    const screen = new Screen(terminal.output);
    await type(terminal, "sleep 1000\r");
    await untilForeground(terminal, "sleep");
    terminal.signal("SIGTERM");
    await type(terminal, "echo code=$?\r");
    await screen.until(/code=143\r\n/);
  });

  it("tells of the signal that ended the program", async () => {
    const terminal = await script("kill -SEGV $$");
    expect(await terminal.exit).toEqual({ exitCode: 139 });
  });

  it("starts programs with no signal ignored or blocked, and with exactly the environment given", async () => {
    const terminal = await script("grep -E 'Sig(Ign|Blk)' /proc/self/status; env; pwd", {
      environment: { PATH: PROGRAM_PATH, TERM: "linux" },
      workingDirectory: "/usr",
    });
    const screen = new Screen(terminal.output);
    await screen.ended;
    expect(screen.text.trim().split("\r\n").toSorted()).toEqual([
      "/usr",
      `PATH=${PROGRAM_PATH}`,
      "PWD=/usr",
      "SigBlk:\t0000000000000000",
      "SigIgn:\t0000000000000000",
      "TERM=linux",
    ]);
  });

  it("hands none of our descriptors to the program", async () => {
    await using own = await openFile(import.meta.filename);
    expect(own.fd).toBeGreaterThan(2);
    const terminal = await script("for fd in /proc/self/fd/*; do readlink $fd; done");
    const screen = new Screen(terminal.output);
    await screen.ended;
    expect(screen.text).toContain(terminal.device);
    expect(screen.text).not.toContain("ptmx");
    expect(screen.text).not.toContain(import.meta.filename);
  });

  it("carries three megabytes intact to a reader that is slow at first", async () => {
    const terminal = await script("stty -opost; seq 1 450000; exit 7");
    const parts: Uint8Array[] = [];
    for await (const chunk of terminal.output) {
      if (parts.length < 20) await new Promise((resolve) => setImmediate(resolve));
      parts.push(chunk);
    }
    const expected = Array.from({ length: 450_000 }, (_, index) => `${index + 1}\n`).join("");
    expect(Buffer.concat(parts).toString("latin1") === expected).toBe(true);
    expect(await terminal.exit).toEqual({ exitCode: 7 });
  });

  it("kills what ignores the hang-up", async () => {
    const terminal = await script("trap '' HUP TERM INT; echo armed; while :; do sleep 1000; done");
    const screen = new Screen(terminal.output);
    await screen.until(/armed/);
    await terminal.close();
    expect(await terminal.exit).toEqual({ exitCode: 137 });
    expect(isAlive(terminal.processId)).toBe(false);
  });

  it("ends the output although something in the background keeps the terminal open", async () => {
    const terminal = await script("trap '' HUP; sleep 1000 & echo pid=$!; exit 0");
    const screen = new Screen(terminal.output);
    await screen.ended;
    expect(await terminal.exit).toEqual({ exitCode: 0 });
    const processId = Number(/pid=(\d+)/.exec(screen.text)?.[1]);
    expect(isAlive(processId)).toBe(true);
    process.kill(processId, "SIGKILL");
  });

  it("leaves neither descriptors nor processes behind after thirty sessions", async () => {
    const descriptors = (): number => readdirSync("/proc/self/fd").length;
    const before = descriptors();
    const processIds: number[] = [];
    for (let count = 0; count < 30; count++) {
      const terminal = await script(count % 2 === 0 ? "exit 0" : "sleep 1000");
      processIds.push(terminal.processId);
      if (count % 2 === 0) await new Screen(terminal.output).ended;
      await terminal.close();
    }
    expect(descriptors()).toBe(before);
    expect(processIds.filter((processId) => isAlive(processId))).toEqual([]);
  });

  it("says that there is none where devpts is not mounted", () => {
    const script = 'mount -t tmpfs none /dev/pts && exec "$@"';
    const args = ["--mount", "sh", "-c", script, "sh", process.execPath, PROBE];
    expect(run("unshare", args)).toMatch(/^opening a pseudo-terminal: E[A-Z]+: /);
  });

  it("leaves nothing behind when the program cannot be started", async () => {
    const before = readdirSync("/proc/self/fd").length;
    const error = await script("true", { workingDirectory: "/nonesuch" }).catch(
      (reason: unknown) => reason as InstallerError,
    );
    expect(error).toMatchObject({ code: "E_COMMAND_FAILED", cause: { code: "ENOENT" } });
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });
});

/** Waits until `name` is the program in the foreground of the terminal's session, by what the kernel says. */
async function untilForeground(terminal: Terminal, name: string): Promise<void> {
  await expect
    .poll(() => readFileSync(`/proc/${foregroundGroup(terminal)}/comm`, "utf8").trim(), { interval: 5 })
    .toBe(name);
}

/** Field tpgid of the shell (proc_pid_stat(5)). */
function foregroundGroup(terminal: Terminal): string {
  const stat = readFileSync(`/proc/${terminal.processId}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[5] ?? "";
}

/** A zombie counts as alive: somebody has to reap it. */
function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}
