import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { InstallerError } from "../../../src/core/errors.ts";
import { createEventLogger } from "../../../src/engine/event-logger.ts";
import { EventStream } from "../../../src/engine/events.ts";
import { LogRing } from "../../../src/engine/log-ring.ts";
import { createLogSource } from "../../../src/rpc/shell/log-source.ts";
import { installerShellMethod, type ShellMethodOptions } from "../../../src/rpc/shell/shell-method.ts";
import { ShellSessions } from "../../../src/rpc/shell/shell-sessions.ts";
import type { Call } from "../../../src/rpc/srpc/client.ts";
import { createNodeHost } from "../../../src/system/node/node-host.ts";
import type { Terminals } from "../../../src/system/terminals.ts";
import { FakeTerminals } from "../../support/fake-terminals.ts";
import { Screen } from "../../support/screen.ts";
import { codeOf, connectTo, makeParties, rawConversation, signal, startTestServer } from "./srpc-server.ts";

const host = createNodeHost();
const parties = makeParties();
/** Busybox asks the terminal where its cursor is. */
const CURSOR_QUESTION = "\x1b[6n";
const PROMPT = new RegExp(`# (${CURSOR_QUESTION.replace("[", "\\[")})?$`);
const CLEAR_CALL = "CONNECT /_goSRPC_/ HTTP/1.0\n\nInstaller.Shell\n";

interface MachineOptions extends ShellMethodOptions {
  readonly terminals?: Terminals;
  readonly command?: readonly string[];
  /** No certificates: everybody may do everything. */
  readonly isInsecure?: boolean;
}

const cleanUp: AsyncDisposableStack[] = [];
afterEach(async () => {
  for (const stack of cleanUp.splice(0)) await stack.disposeAsync();
});
afterAll(() => host[Symbol.asyncDispose]());

/** A machine that is being installed, as far as its shells are concerned. */
async function startMachine(options: MachineOptions = {}) {
  const stack = new AsyncDisposableStack();
  cleanUp.push(stack);
  const { clock } = host;
  const events = new EventStream();
  const ring = new LogRing(1000);
  events.subscribe((event) => ring.record(event));
  const log = createEventLogger({ events, clock, debugLevel: 0 });
  const sessions = stack.use(
    new ShellSessions({
      terminals: options.terminals ?? host.terminals,
      command: options.command ?? ["bash", "--norc", "--noprofile", "--noediting", "-i"],
      clock,
      log,
      logSource: createLogSource(
        events,
        () => ring.entries(),
        (event) => event.stepId !== undefined,
      ),
    }),
  );
  const security = options.isInsecure === true ? {} : { credentials: parties.credentials };
  const methods = [installerShellMethod(sessions, options)];
  const port = stack.use(await startTestServer({ methods, log, ...security }));
  const step = createEventLogger({ events, clock, debugLevel: 0, stepId: "download-objects" });
  const messages = (): string => ring.entries().join("\n");
  log.info("installer started");
  return { sessions, port, log, step, messages };
}

type Machine = Awaited<ReturnType<typeof startMachine>>;

async function openShell(machine: Machine, methods = ["Installer.Shell"]) {
  const connection = await connectTo(machine.port, { tls: parties.issue(methods) });
  const call = await connection.openCall("Installer.Shell", signal);
  const screen = new Screen(outputOf(call));
  return { connection, screen, type: (text: string) => call.write(Buffer.from(text, "latin1")) };
}

/** What a call receives, until the server closes the connection. */
async function* outputOf(call: Call): AsyncGenerator<Uint8Array, undefined> {
  for (;;) {
    try {
      yield await call.readSome(65_536);
    } catch (error) {
      if (error instanceof InstallerError && error.code === "E_CONNECTION_LOST") return;
      throw error;
    }
  }
}

/** A client of an insecure machine that calls the shell and then reads nothing. */
async function connectStuckClient(machine: Machine): Promise<Socket> {
  const socket = connect(machine.port.port, "127.0.0.1");
  socket.on("error", () => undefined).pause();
  socket.write(`${CLEAR_CALL}yes\r`);
  await once(socket, "connect");
  await expect.poll(() => machine.sessions.count, { interval: 5 }).toBeGreaterThan(0);
  return socket;
}

describe("Installer.Shell over SRPC", () => {
  it("gives the log so far, then a shell, as recorded with the original", async () => {
    const machine = await startMachine({ command: ["/bin/busybox", "sh", "-i"] });
    const { connection, screen, type } = await openShell(machine);
    await screen.until(PROMPT);
    await type("echo hi\r");
    await screen.until(new RegExp(`hi\r\nhi\r\n.*${PROMPT.source}`));
    connection.close();
    await expect.poll(() => machine.sessions.count, { interval: 5 }).toBe(0);
    expect(normalise(`\n${screen.text}`)).toEqual(normalise(recordedAnswers("shell-tls")));
    expect(machine.messages()).toMatch(
      /started for user: alice with tty: .*exited for user: alice with tty: /s,
    );
  });

  it("is refused to a certificate without the right, as recorded", async () => {
    const machine = await startMachine();
    await using connection = await connectTo(machine.port, {
      tls: parties.issue(["Installer.Get*"]),
    });
    expect(await codeOf(connection.openCall("Installer.Shell", signal))).toBe("E_SRPC_ACCESS_DENIED");
    expect(machine.messages()).not.toContain("shell on SRPC connection");
    expect(recordedAnswers("shell-denied")).toBe("access to method denied\n");
  });

  it("closes the connection cleanly when the shell exits, after its last words", async () => {
    const machine = await startMachine();
    const { screen, type } = await openShell(machine);
    await type("echo last words; exit\r");
    await screen.ended;
    expect(screen.text).toMatch(/last words\r\nexit\r\n$/);
    expect(machine.sessions.count).toBe(0);
    expect(machine.messages()).toContain("shell on SRPC connection exited for user: alice");
    expect(machine.messages()).not.toContain("ended early");
  });

  it("ends the shell when the client closes its side only", async () => {
    const machine = await startMachine({
      isInsecure: true,
      command: ["sh", "-c", "trap '' HUP; read x; sleep 1000"],
    });
    const answer = await rawConversation(machine.port.port, CLEAR_CALL);
    expect(answer).toMatch(/Starting shell on: \/dev\/pts\/\d+\.\.\.\r\n$/);
    await expect.poll(() => machine.sessions.count, { interval: 5, timeout: 10_000 }).toBe(0);
    expect(machine.messages()).not.toContain("ended early");
  });

  it("ends the shell when the connection breaks", async () => {
    const machine = await startMachine({ isInsecure: true });
    const socket = await connectStuckClient(machine);
    socket.resetAndDestroy();
    await expect.poll(() => machine.sessions.count, { interval: 5 }).toBe(0);
  });

  it("ends the connections of all shells when the machine is about to restart", async () => {
    const machine = await startMachine();
    const shells = [await openShell(machine), await openShell(machine)];
    for (const { screen } of shells) await screen.until(/Starting shell on: /);
    await machine.sessions[Symbol.asyncDispose]();
    for (const { screen } of shells) await screen.ended;
    expect(machine.sessions.count).toBe(0);
  });

  it("carries long output intact, with log entries only between the pieces", async () => {
    const machine = await startMachine({ command: ["bash", "-c", "read go; seq 1 100000"] });
    const { screen, type } = await openShell(machine);
    await screen.until(/Starting shell on: .*\r\n/);
    await type("\r");
    for (let count = 1; count <= 20; count++) {
      await screen.until(new RegExp(`\\D${count * 1000}\\D`));
      machine.step.info(`<entry ${count}>`);
    }
    await screen.ended;
    const [, shown = ""] = screen.text.split(/Starting shell on: .*\.\.\.\r\n\r\n/);
    expect(shown.match(/\[ +\d+\.\d{3}\] <entry \d+>\r\n/g)).toHaveLength(20);
    const output = shown.replace(/\[ +\d+\.\d{3}\] <entry \d+>\r\n/g, "");
    expect(output).toBe(Array.from({ length: 100_000 }, (_, index) => `${index + 1}\r\n`).join(""));
  });

  it("shows new messages of the installation in every session, and nothing about connections", async () => {
    const machine = await startMachine();
    const first = await openShell(machine);
    await first.screen.until(/Starting shell on: /);
    const second = await openShell(machine);
    await second.screen.until(/Starting shell on: /);
    machine.step.info("got image\nwith two lines");
    for (const { screen } of [first, second]) {
      await screen.until(/got image\r\nwith two lines\r\n/);
      expect(screen.text.match(/got image/g)).toHaveLength(1);
    }
    expect(first.screen.text.match(/shell on SRPC connection started/g)).toHaveLength(1);
    expect(second.screen.text.match(/shell on SRPC connection started/g)).toHaveLength(2);
    for (const { connection } of [first, second]) connection.close();
  });

  it.each([
    [
      "the terminal cannot be opened",
      new InstallerError("E_NO_TERMINAL", "opening a\npseudo-terminal"),
      ["sh"],
    ],
    ["there is no such shell", undefined, ["nonesuch"]],
    ["there is no command", undefined, []],
  ])("says so when %s", async (_, failure, command) => {
    const terminals = new FakeTerminals();
    terminals.failure = failure;
    const machine = await startMachine({ terminals, command });
    const { screen } = await openShell(machine);
    await screen.ended;
    expect(screen.text).toMatch(/^Logs so far:\r\n.*\r\n\r\nCannot start a shell: [^\r\n]+\r\n$/s);
    expect(machine.messages()).toContain("cannot open shell for user: alice: ");
  });
});

describe("a client that reads nothing", () => {
  it("is cut off after the time limit, and others never notice it", async () => {
    const machine = await startMachine({ isInsecure: true, clientTimeoutMs: 300 });
    const stuck = await connectStuckClient(machine);
    const connection = await connectTo(machine.port);
    const screen = new Screen(outputOf(await connection.openCall("Installer.Shell", signal)));
    await screen.until(/Starting shell on: /);
    machine.step.info("meanwhile");
    await screen.until(/meanwhile/);
    await expect.poll(() => machine.sessions.count, { interval: 5, timeout: 10_000 }).toBe(1);
    expect(machine.messages()).toMatch(
      /RPC connection ended early .*Installer\.Shell.*no answer within 0\.3 s/,
    );
    machine.step.info("afterwards");
    await screen.until(/afterwards/);
    connection.close();
    stuck.destroy();
  });

  it("does not hold the log back: beyond the limit it is cut off, and the others get every entry", async () => {
    const machine = await startMachine({ isInsecure: true, clientTimeoutMs: 0, backlogLimitBytes: 100_000 });
    const stuck = await connectStuckClient(machine);
    const connection = await connectTo(machine.port);
    const screen = new Screen(outputOf(await connection.openCall("Installer.Shell", signal)));
    await screen.until(/Starting shell on: /);
    let count = 0;
    while (machine.sessions.count === 2 && count < 20_000) {
      for (const last = count + 50; count < last; count++)
        machine.step.info(`<${count}> ${"x".repeat(1000)}`);
      await screen.until(new RegExp(`<${count - 1}> `));
    }
    expect(screen.text.match(/<\d+> x/g)).toHaveLength(count);
    expect(machine.messages()).toMatch(
      /RPC connection ended early .*more than 100000 bytes of the log wait for it/,
    );
    connection.close();
    stuck.destroy();
  });
});

/** What the server sent in a recorded conversation after the first call. */
function recordedAnswers(name: string): string {
  const lines = readFileSync(`test/vectors/srpc/${name}.jsonl`, "utf8").trimEnd().split("\n");
  return lines
    .map(
      (line) => JSON.parse(line) as { readonly dir?: string; readonly layer?: string; readonly hex?: string },
    )
    .filter(({ dir, layer }) => dir === "s2c" && layer === "tls")
    .map(({ hex = "" }) => Buffer.from(hex, "hex").toString("latin1"))
    .join("");
}

/** Lines without what differs from machine to machine: log texts, device, version, directory, cursor questions. */
function normalise(text: string): readonly string[] {
  return text
    .replace(/(Logs so far:\r\n)(?:\[ *\d+\.\d{3}\] [^\r]*\r\n)+/, "$1LOG\r\n")
    .replace(/\/dev\/pts\/\d+/, "TTY")
    .replace(/BusyBox v.*? built-in/, "BusyBox built-in")
    .replaceAll(CURSOR_QUESTION, "")
    .replace(/[~/][^\r\n#]* # /g, "PROMPT# ")
    .split("\n");
}
