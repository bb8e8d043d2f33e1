import { CONNECTED_HEAD } from "../../src/rpc/srpc/endpoints.ts";
import { LiveConnection } from "./srpc-connection.ts";
import { findDifference } from "./srpc-difference.ts";
import type { Parties } from "./srpc-parties.ts";
import { isAccepted, type ReplayVerdict, replayConnection } from "./srpc-replay.ts";
import { ShellPort } from "./srpc-shell-port.ts";
import {
  isAtPrompt,
  logBefore,
  type Opening,
  plainOpening,
  plainOutput,
  readOpening,
} from "./srpc-shell-text.ts";
import type { Chunk, RecordedConnection, Transcript } from "./srpc-transcript.ts";

const CALL = "Installer.Shell\n";

/** Plays the clients of an installer's shells against ours. A shell is on the last connection of a recording, if any. */
export async function checkShell(transcript: Transcript, parties: Parties): Promise<ReplayVerdict> {
  const { connections, meta } = transcript;
  const last = connections.at(-1);
  const opening = last && isShellOpened(last) ? readOpening(serverText(last)) : undefined;
  const isInsecure = opening !== undefined && last?.commonName === undefined;
  const log = opening === undefined ? [] : logBefore(opening);
  await using port = await ShellPort.open({ parties, log, isInsecure });
  for (const recorded of opening === undefined ? connections : connections.slice(0, -1)) {
    const verdict = await replayConnection(recorded, { port: port.port, parties }, "as recorded");
    if (verdict.why !== undefined) return verdict;
  }
  if (opening === undefined || last === undefined) return { rules: [] };
  const session = new RecordedSession(last, opening, parties);
  const why =
    (isInsecure ? await session.checkRefused(port.closedPort) : undefined) ??
    (await session.play(port.port)) ??
    (await checkEnd(port, meta));
  const rules = [...(isInsecure ? ["R-SRPC-INSECURE-SHELL"] : []), ...session.rules];
  return { rules, ...(why === undefined ? {} : { why }) };
}

function isShellOpened(recorded: RecordedConnection): boolean {
  return isAccepted(recorded) && serverText(recorded).startsWith("\nLogs so far:");
}

function serverText({ exchange }: RecordedConnection): string {
  return exchange.find(({ side }) => side === "s")?.bytes.toString("latin1") ?? "";
}

/** The session is over at once, and the log says so in the recorded words. */
async function checkEnd(port: ShellPort, meta: Transcript["meta"]): Promise<string | undefined> {
  if (!(await port.isIdle())) return "the session goes on without its client";
  const withoutDevices = (lines: readonly string[]): readonly string[] =>
    lines.map((line) => line.replace(/\/dev\/pts\/\d+/, "TTY"));
  return findDifference(withoutDevices(port.messages), withoutDevices(meta.installerLogOfSessions ?? []));
}

/** A recorded shell, from its call to the end of the session. */
class RecordedSession {
  readonly rules: string[] = [];
  readonly #recorded: RecordedConnection;
  readonly #opening: Opening;
  readonly #parties: Parties;

  constructor(recorded: RecordedConnection, opening: Opening, parties: Parties) {
    this.#recorded = recorded;
    this.#opening = opening;
    this.#parties = parties;
  }

  /** Nobody gets a shell of a server that has not been told to be insecure. */
  async checkRefused(port: number): Promise<string | undefined> {
    using live = await LiveConnection.open(port);
    live.send(this.#recorded.head);
    if ((await live.readHead()).toString("latin1") !== CONNECTED_HEAD) return undefined;
    live.send(Buffer.from(CALL));
    const answer = await live.reader.line();
    return answer === "" ? "gives strangers a shell without -insecure" : undefined;
  }

  async play(port: number): Promise<string | undefined> {
    const { head, commonName, exchange } = this.#recorded;
    using plain = await LiveConnection.open(port);
    plain.send(head);
    if ((await plain.readHead()).toString("latin1") !== CONNECTED_HEAD) return "refuses the connection";
    using live = commonName === undefined ? plain : await plain.startTls(this.#parties.client(commonName));
    const [call, , ...typed] = exchange;
    if (call?.bytes.toString("latin1") !== CALL) return "the recording does not begin with the call";
    live.send(call.bytes);
    const ours = readOpening(await live.readUntil(isAtPrompt));
    const why = findDifference(plainOpening(ours), plainOpening(this.#opening));
    return why === undefined ? await this.#type(typed, live, ours.prompt) : `opening: ${why}`;
  }

  async #type(typed: readonly Chunk[], live: LiveConnection, prompt: string): Promise<string | undefined> {
    for (const [index, { side, bytes }] of typed.entries()) {
      if (side === "s") continue;
      live.send(bytes);
      const recorded = typed[index + 1]?.bytes.toString("latin1") ?? "";
      if (bytes.toString("latin1").trim() === "exit") return this.#checkExit(live, recorded);
      const shown = await live.readUntil((text) => text.endsWith(prompt));
      const why = findDifference(plainOutput(shown, prompt), plainOutput(recorded, this.#opening.prompt));
      if (why !== undefined) return `after ${JSON.stringify(bytes.toString("latin1"))}: ${why}`;
    }
    live.end();
    const rest = (await live.reader.rest()).toString("latin1");
    return rest === "" ? undefined : `says ${JSON.stringify(rest)} to a client that has left`;
  }

  /** The end of the shell is the end of the session; the original goes on echoing. */
  async #checkExit(live: LiveConnection, echo: string): Promise<string | undefined> {
    this.rules.push("R-SRPC-SHELL-EXIT");
    const rest = (await live.reader.rest()).toString("latin1");
    return rest === echo ? undefined : `ends with ${JSON.stringify(rest)}, recorded ${JSON.stringify(echo)}`;
  }
}
