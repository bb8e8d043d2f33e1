import { describe, expect, it } from "vitest";
import { InstallerError } from "../../../../src/core/errors.ts";
import type { ShellRequest } from "../../../../src/rpc/shell/shell-host.ts";
import { ShellSessions, type ShellSessionsOptions } from "../../../../src/rpc/shell/shell-sessions.ts";
import { PROGRAM_PATH } from "../../../../src/system/program-path.ts";
import { FakeClock } from "../../../support/fake-host.ts";
import { FakeTerminals } from "../../../support/fake-terminals.ts";
import { createRecordingLogger } from "../../../support/recording-logger.ts";

const alice: ShellRequest = { userName: "alice", peer: "192.0.2.9:4711", protocol: "srpc" };
const never = new AbortController().signal;

function setUp(options: Partial<ShellSessionsOptions> = {}) {
  const terminals = new FakeTerminals(["sh", "bash"]);
  const clock = new FakeClock({ manual: true });
  const log = createRecordingLogger();
  const logSource = { entries: () => [], subscribe: () => ({ [Symbol.dispose]: () => undefined }) };
  const sessions = new ShellSessions({
    terminals,
    command: ["sh", "-i"],
    clock,
    log,
    logSource,
    ...options,
  });
  return { sessions, terminals, clock, log };
}

describe("opening a shell", () => {
  it("starts the configured command with a PATH, a home and a kind of terminal", async () => {
    const { sessions, terminals } = setUp();
    await sessions.open(alice);
    await sessions.open({ ...alice, size: { columns: 80, rows: 25 }, terminalType: "xterm-256color" });
    const environment = { PATH: PROGRAM_PATH, HOME: "/", TERM: "linux" };
    expect(terminals.opened.map(({ request }) => request)).toEqual([
      { program: "sh", args: ["-i"], environment },
      {
        program: "sh",
        args: ["-i"],
        environment: { ...environment, TERM: "xterm-256color" },
        size: { columns: 80, rows: 25 },
      },
    ]);
  });

  it.each(["", "x\0y", "a b", "../x", "x".repeat(65)])(
    "does not pass %j on as the kind of terminal",
    async (type) => {
      const { sessions, terminals } = setUp();
      await sessions.open({ ...alice, terminalType: type });
      expect(terminals.opened[0]?.request.environment["TERM"]).toBe("linux");
    },
  );

  it("logs start and end in the words of the original", async () => {
    const { sessions, log } = setUp();
    const session = await sessions.open(alice);
    const nobody = await sessions.open({ ...alice, userName: "", protocol: "grpc" });
    await session[Symbol.asyncDispose]();
    await session[Symbol.asyncDispose]();
    await nobody[Symbol.asyncDispose]();
    expect(log.messages).toEqual([
      "shell on SRPC connection started for user: alice with tty: /dev/pts/0",
      "shell on gRPC connection started for user:  with tty: /dev/pts/1",
      "shell on SRPC connection exited for user: alice with tty: /dev/pts/0",
      "shell on gRPC connection exited for user:  with tty: /dev/pts/1",
    ]);
  });

  it.each([[[]], [[""]]])("refuses when the command is %j", async (command) => {
    const { sessions, log } = setUp({ command });
    await expect(sessions.open(alice)).rejects.toMatchObject({
      code: "E_SHELL_UNAVAILABLE",
      message: "opening a shell: -shellCommand is empty",
    });
    expect(log.messages).toEqual([
      "cannot open shell for user: alice: opening a shell: -shellCommand is empty",
    ]);
  });

  it("refuses more than the maximum, those being opened included", async () => {
    const { sessions } = setUp({ maximumSessions: 2 });
    const [first, ...others] = [alice, alice, alice].map((request) => sessions.open(request));
    const outcomes = await Promise.allSettled(others);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    await expect(sessions.open(alice)).rejects.toThrow("opening a shell: 2 are open already");
    await (await first)?.[Symbol.asyncDispose]();
    await sessions.open(alice);
  });

  it("gives its place back when it fails", async () => {
    const { sessions, terminals } = setUp({ maximumSessions: 1 });
    terminals.failure = new InstallerError("E_NO_TERMINAL", "opening a pseudo-terminal");
    await expect(sessions.open(alice)).rejects.toMatchObject({ code: "E_NO_TERMINAL" });
    terminals.failure = undefined;
    await sessions.open(alice);
    expect(sessions.count).toBe(1);
  });
});

describe("open shells", () => {
  it("are listed by device, in the order of numbers", async () => {
    const { sessions, clock } = setUp();
    clock.advance(1500);
    const opened = [];
    for (let count = 0; count < 11; count++) opened.push(await sessions.open(alice));
    await opened[0]?.[Symbol.asyncDispose]();
    expect(sessions.list().map(({ device }) => device)).toEqual(
      Array.from({ length: 10 }, (_, index) => `/dev/pts/${index + 1}`),
    );
    expect(sessions.list()[0]).toEqual({
      device: "/dev/pts/1",
      userName: "alice",
      peer: "192.0.2.9:4711",
      protocol: "srpc",
      startedAt: 1500,
    });
  });

  it("are all ended at the end, and no other is opened", async () => {
    const { sessions, terminals } = setUp();
    await sessions.open(alice);
    await sessions.open(alice);
    const late = sessions.open(alice);
    await sessions[Symbol.asyncDispose]();
    await expect(late).rejects.toMatchObject({ code: "E_SHELL_UNAVAILABLE" });
    await expect(sessions.open(alice)).rejects.toMatchObject({ code: "E_SHELL_UNAVAILABLE" });
    expect(sessions.count).toBe(0);
    for (const terminal of terminals.opened) expect(await terminal.exit).toEqual({ exitCode: 129 });
  });
});

describe("waiting until shells are closed", () => {
  it("waits for those that are open now, not for later ones", async () => {
    const { sessions, clock } = setUp();
    const first = await sessions.open(alice);
    const second = await sessions.open(alice);
    let isOver = false;
    const waiting = sessions.waitUntilClosed(300_000, never).then(() => {
      isOver = true;
    });
    await sessions.open(alice);
    await first[Symbol.asyncDispose]();
    expect(isOver).toBe(false);
    await second[Symbol.asyncDispose]();
    await waiting;
    expect([sessions.count, clock.monotonicMs()]).toEqual([1, 0]);
  });

  it("ends at the limit", async () => {
    const { sessions, clock } = setUp();
    await sessions.open(alice);
    const waiting = sessions.waitUntilClosed(300_000, never);
    clock.advance(300_000);
    await waiting;
    expect(sessions.count).toBe(1);
  });

  it("is over at once without shells", async () => {
    const { sessions, clock } = setUp();
    await sessions.waitUntilClosed(300_000, never);
    expect(clock.sleeps).toEqual([]);
  });

  it("can be given up", async () => {
    const { sessions } = setUp();
    await sessions.open(alice);
    const aborter = new AbortController();
    const waiting = sessions.waitUntilClosed(300_000, aborter.signal);
    aborter.abort();
    await expect(waiting).rejects.toMatchObject({ code: "E_CANCELLED" });
  });
});
