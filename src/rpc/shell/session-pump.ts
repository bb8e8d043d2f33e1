import type { Terminal } from "../../system/terminals.ts";
import type { ByteReader } from "../byte-reader.ts";
import type { LogBacklog } from "./log-backlog.ts";
import { pieces } from "./terminal-text.ts";

/** The other end of a shell session. */
export interface ShellClient {
  /** What is typed. */
  readonly reader: ByteReader;
  /** Resolves when the client has room for more; rejects when it is gone or takes nothing for too long. */
  write(bytes: Uint8Array): Promise<void>;
}

export interface SessionPumpOptions {
  readonly terminal: Terminal;
  readonly backlog: LogBacklog;
  readonly client: ShellClient;
}

/** As the original: most of what is shown before something else gets its turn, and most of what is typed at once. */
const PIECE_BYTES = 256;

/**
 * Carries a session until the shell has ended and everything that it showed was sent, or until the client closes its
 * side. Whatever is written, a log entry or a piece of output, arrives in one piece. Rejects when the client is gone or
 * takes nothing for too long.
 */
export async function runSession({ terminal, backlog, client }: SessionPumpOptions): Promise<void> {
  const ways = [showOutput(terminal, client), showLog(backlog, client), sendInput(terminal, client)];
  try {
    await Promise.race(ways);
  } finally {
    backlog.close();
    // The others end with the connection; how, nobody wants to know any more.
    for (const way of ways) way.catch(() => undefined);
  }
}

/** Reads no further than the client does: that holds back only what runs on this terminal. */
async function showOutput(terminal: Terminal, client: ShellClient): Promise<void> {
  for await (const chunk of terminal.output)
    for (const piece of pieces(chunk, PIECE_BYTES)) await client.write(piece);
}

async function showLog(backlog: LogBacklog, client: ShellClient): Promise<void> {
  for (;;) {
    const entry = await backlog.next();
    if (entry === undefined) return;
    await client.write(entry);
  }
}

async function sendInput(terminal: Terminal, client: ShellClient): Promise<void> {
  for (;;) {
    const typed = await client.reader.readSome(PIECE_BYTES);
    if (typed === undefined) return;
    await terminal.write(typed);
  }
}
