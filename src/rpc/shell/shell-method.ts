import { hasCode, InstallerError, messageChain } from "../../core/errors.ts";
import type { InstallerMethod } from "../installer-methods.ts";
import { type CallContext, type Method, type ServerCall, streamMethod, toLine } from "../srpc/method.ts";
import { LogBacklog } from "./log-backlog.ts";
import { runSession } from "./session-pump.ts";
import type { ShellSessions } from "./shell-sessions.ts";
import { logReplay, pieces, terminalEntry } from "./terminal-text.ts";

export interface ShellMethodOptions {
  /** How long a client may take nothing while something waits for it. Default 30 s. */
  readonly clientTimeoutMs?: number;
  /** How much of the log may wait for a client. Default 256 KiB. */
  readonly backlogLimitBytes?: number;
}

const METHOD: InstallerMethod = "Installer.Shell";
const DEFAULT_CLIENT_TIMEOUT_MS = 30_000;
const DEFAULT_BACKLOG_LIMIT_BYTES = 256 * 1024;
/** So that a slow client that takes something now and then is not mistaken for a dead one. */
const REPLAY_PIECE_BYTES = 16 * 1024;

/** `Installer.Shell` over SRPC: the log so far, then a shell with new log entries in between (spec/lifecycle.md section 7). */
export function installerShellMethod(sessions: ShellSessions, options: ShellMethodOptions = {}): Method {
  return streamMethod({
    name: METHOD,
    run: async (call, context) => {
      try {
        await serveShell(sessions, call, context, options);
      } catch (error) {
        // Leaving at any time is a client's right; a client that does not read is worth a line in the log.
        if (!hasCode(error, "E_CONNECTION_LOST", "E_STREAM_ENDED")) throw error;
      }
      call.endConnection();
    },
  });
}

async function serveShell(
  sessions: ShellSessions,
  call: ServerCall,
  { identity, peer }: CallContext,
  options: ShellMethodOptions,
): Promise<void> {
  const limitBytes = options.backlogLimitBytes ?? DEFAULT_BACKLOG_LIMIT_BYTES;
  call.setReadTimeout(0);
  call.setWriteTimeout(options.clientTimeoutMs ?? DEFAULT_CLIENT_TIMEOUT_MS);
  const session = await sessions
    .open({ userName: identity.userName, peer, protocol: "srpc" })
    .catch((error: unknown) => messageChain(error));
  if (typeof session === "string") {
    await sendReplay(call, sessions.logSource.entries());
    await call.write(`${toLine(`Cannot start a shell: ${session}`)}\r\n`);
    return;
  }
  await using opened = session;
  const backlog = new LogBacklog(limitBytes, () => call.dropConnection(tooSlow(peer, limitBytes)));
  // In the same turn as the copy of the log so far: nothing is missed, nothing comes twice.
  const soFar = sessions.logSource.entries();
  using _ = sessions.logSource.subscribe((entry) => backlog.push(terminalEntry(entry)));
  await sendReplay(call, soFar);
  await call.write(`Starting shell on: ${opened.info.device}...\r\n`);
  await runSession({ terminal: opened.terminal, backlog, client: call });
}

async function sendReplay(call: ServerCall, entries: readonly string[]): Promise<void> {
  for (const piece of pieces(logReplay(entries), REPLAY_PIECE_BYTES)) await call.write(piece);
}

function tooSlow(peer: string, limitBytes: number): InstallerError {
  const why = `more than ${limitBytes} bytes of the log wait for it`;
  return new InstallerError("E_SHELL_CUT_OFF", `sending the log to ${peer}: ${why}`);
}
