import { describe, expect, test } from "vitest";
import type { ShellInput } from "../../../src/rpc/generated/installer.js";
import type { RemoteShell, ShellOptions } from "../../../src/rpc/grpc/client.ts";
import { openConnection } from "../../../src/rpc/grpc/client-calls.ts";
import { INSTALLER_METHODS } from "../../../src/rpc/grpc/methods.ts";
import { createNodeHost } from "../../../src/system/node/node-host.ts";
import { createRecordingLogger } from "../../support/recording-logger.ts";
import {
  eventually,
  type InstallerPort,
  type InstallerPortOptions,
  startInstallerPort,
} from "./installer-port.ts";
import { codeOf, makeParties, signal } from "./srpc-server.ts";

const parties = makeParties();
const { credentials } = parties;
const granted = parties.issue(["Installer.Shell"]);
const { terminals } = createNodeHost();
const REAL = { terminals, command: ["bash", "--norc", "--noprofile", "--noediting", "-i"] };

interface Session extends AsyncDisposable {
  readonly port: InstallerPort;
  readonly shell: RemoteShell;
}

async function open(options: InstallerPortOptions = {}, shellOptions: ShellOptions = {}): Promise<Session> {
  const port = await startInstallerPort({ credentials, ...options });
  const client = await port.connect(granted);
  const shell = await client.openShell(shellOptions, signal);
  const dispose = async (): Promise<void> => {
    shell[Symbol.dispose]();
    client.close();
    await port[Symbol.asyncDispose]();
  };
  return { port, shell, [Symbol.asyncDispose]: dispose };
}

/** What a shell shows, to be waited for piece by piece. */
class Shown {
  text = "";
  readonly end: Promise<void>;

  constructor(shell: RemoteShell) {
    this.end = (async () => {
      for await (const bytes of shell.output) this.text += Buffer.from(bytes).toString("latin1");
    })();
    this.end.catch(() => undefined);
  }

  async until(pattern: RegExp): Promise<void> {
    await eventually(() => pattern.test(this.text));
  }
}

function type(shell: RemoteShell, text: string): Promise<void> {
  return shell.write(Buffer.from(text));
}

describe("a shell on a real terminal", () => {
  test("echoes, knows its window, gets signals and tells its exit code", async () => {
    await using session = await open(REAL, { size: { columns: 91, rows: 33 }, terminalType: "vt220" });
    const { shell } = session;
    expect(shell.device).toMatch(/^\/dev\/pts\/\d+$/);
    const shown = new Shown(shell);
    await type(shell, "stty size; echo $TERM; tty\n");
    await shown.until(/33 91\r\nvt220\r\n\/dev\/pts\/\d+\r\n/);
    expect(shown.text).toContain(`\n${shell.device}\r\n`);
    shell.resize({ columns: 120, rows: 44 });
    await type(shell, "stty size\n");
    await shown.until(/44 120\r\n/);
    await type(shell, `sh -c 'trap "echo caught; exit" INT; echo up; while :; do sleep 0.01; done'\n`);
    await shown.until(/\nup\r\n/);
    shell.signal("SIGINT");
    await shown.until(/\ncaught\r\n/);
    await type(shell, "exit 37\n");
    await shown.end;
    expect(await shell.exit).toEqual({ exitCode: 37 });
    expect(session.port.sessions.count).toBe(0);
  });

  test("sends long output whole", async () => {
    await using session = await open({ ...REAL, command: ["sh", "-c", "stty -opost; seq 400000; exit 3"] });
    const shown = new Shown(session.shell);
    await shown.end;
    const expected = Array.from({ length: 400_000 }, (_, index) => `${index + 1}\n`).join("");
    expect(shown.text.length).toBe(expected.length);
    expect(shown.text === expected).toBe(true);
    expect(await session.shell.exit).toEqual({ exitCode: 3 });
  });

  test("takes long input whole", async () => {
    const count = 200_000;
    const command = ["sh", "-c", `stty raw -echo; echo ready; head -c ${count} | cksum`];
    await using session = await open({ ...REAL, command });
    const shown = new Shown(session.shell);
    await shown.until(/ready/);
    await session.shell.write(Buffer.alloc(count, "ab"));
    await shown.end;
    expect(shown.text).toMatch(/ready\s+\d+ 200000/);
  });

  test("ends when the client closes its side", async () => {
    await using session = await open(REAL);
    const shown = new Shown(session.shell);
    await shown.until(/[$#] $/);
    session.shell.end();
    await shown.end;
    expect((await session.shell.exit).exitCode).toBeGreaterThan(0);
    await eventually(() => session.port.sessions.count === 0);
  });

  test("ends when its client is gone", async () => {
    await using session = await open(REAL);
    const shown = new Shown(session.shell);
    await shown.until(/[$#] $/);
    session.shell[Symbol.dispose]();
    await eventually(() => session.port.sessions.count === 0);
    await expect(shown.end).rejects.toMatchObject({ code: "E_CONNECTION_LOST" });
  });
});

describe("a shell whose client does not read", () => {
  test("is the only thing that waits, and is cut off", async () => {
    const log = createRecordingLogger();
    await using session = await open({ log, stallTimeoutMs: 400 });
    const [terminal] = session.port.terminals.opened;
    for (let piece = 0; piece < 3000; piece += 1) terminal?.show("x".repeat(1000));
    await eventually(() => session.port.sessions.count === 0);
    expect(log.messages).toContain("a client takes nothing of what was sent to it: cut off");
    expect(session.port.server.statistics().connections).toBe(0);
  });

  test("goes on when it reads again in time", async () => {
    await using session = await open({ stallTimeoutMs: 20_000 });
    const [terminal] = session.port.terminals.opened;
    for (let piece = 0; piece < 3000; piece += 1) terminal?.show("x".repeat(1000));
    const before = terminal?.unread ?? 0;
    expect(before).toBeGreaterThan(1000);
    terminal?.end(5);
    const shown = new Shown(session.shell);
    await shown.end;
    expect(shown.text.length).toBe(3_000_000);
    expect(await session.shell.exit).toEqual({ exitCode: 5 });
  });
});

describe("opening a shell", () => {
  test("is announced with user, peer and protocol, and listed", async () => {
    const log = createRecordingLogger();
    await using session = await open({ log });
    expect(session.port.sessions.list()).toMatchObject([
      {
        device: "/dev/pts/0",
        userName: "alice",
        protocol: "grpc",
        peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      },
    ]);
    expect(log.messages).toContain("shell on gRPC connection started for user: alice with tty: /dev/pts/0");
  });

  test("fails with the reason when there are no shells", async () => {
    const failure = await open({ command: [] }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "E_SRPC_CALL_FAILED" });
    expect(String(failure)).toContain("-shellCommand is empty");
  });

  test("fails with the reason when the program does not exist", async () => {
    const failure = await open({ ...REAL, command: ["no-such-shell"] }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "E_SRPC_CALL_FAILED" });
    expect(String(failure)).toContain("no-such-shell");
  });

  test("over a clear connection is refused by the client before anything is sent", async () => {
    await using port = await startInstallerPort({ policy: { isInsecure: true } });
    using client = await port.connect();
    expect(await codeOf(client.openShell({}, signal))).toBe("E_TLS_HANDSHAKE");
    expect(port.terminals.opened).toHaveLength(0);
    using shell = await client.openShell({ allowClear: true }, signal);
    expect(shell.device).toBe("/dev/pts/0");
  });

  async function talk(port: InstallerPort, inputs: readonly ShellInput[]): Promise<number> {
    const options = { host: "127.0.0.1", port: port.port, credentials: granted };
    const { client } = await openConnection(options, signal);
    const { path, requestSerialize, responseDeserialize } = INSTALLER_METHODS.Shell;
    const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    const { promise, resolve } = Promise.withResolvers<number>();
    call.on("error", (error: Error & { code: number }) => resolve(error.code));
    call.on("end", () => resolve(0));
    call.resume();
    for (const input of inputs) call.write(input);
    const code = await promise;
    client.close();
    return code;
  }
  const START: ShellInput = { start: { size: { columns: 1, rows: 1 }, terminalType: "" } };
  const INVALID_ARGUMENT = 3;
  const DEADLINE_EXCEEDED = 4;

  test.each<[string, ShellInput[], number]>([
    ["something else before `start`", [{ data: Buffer.from("rm -rf /\n") }], INVALID_ARGUMENT],
    ["`start` a second time", [START, START], INVALID_ARGUMENT],
    ["a signal that terminals do not send", [START, { signal: "SIGSEGV" }], INVALID_ARGUMENT],
    ["nothing at all", [], DEADLINE_EXCEEDED],
  ])("ends with %s", async (_what, inputs, code) => {
    await using port = await startInstallerPort({ credentials, requestTimeoutMs: 300 });
    expect(await talk(port, inputs)).toBe(code);
    await eventually(() => port.sessions.count === 0 && port.server.statistics().runningHandlers === 0);
    expect(port.terminals.opened.map(({ typed }) => typed).join("")).toBe("");
  });

  test("a window larger than the kernel can count is as large as it can", async () => {
    await using session = await open({}, { size: { columns: 100_000, rows: 24 } });
    expect(session.port.terminals.opened[0]?.size).toEqual({ columns: 65_535, rows: 24 });
  });
});
