import type { TerminalSignal, TerminalSize } from "../../system/terminals.ts";
import type { Event, LogEntry, LogLevel, Status } from "../generated/installer.js";
import type { ClientCredentials } from "../tls/credentials.ts";
import { type Connection, callUnary, openConnection, readStream } from "./client-calls.ts";
import { openRemoteShell } from "./client-shell.ts";
import { type ControlMethod, INSTALLER_METHODS } from "./methods.ts";

export interface ConnectOptions {
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** What we show to the server; absent: we stay anonymous. */
  readonly credentials?: ClientCredentials;
  /** PEM authorities that the server's certificate must come from. Absent: any certificate will do (spec/auth.md section 3). */
  readonly serverAuthorities?: string;
  /** Until the connection stands. Default 15 s. */
  readonly connectTimeoutMs?: number;
  /** For the answer of a call that is not a stream. Default 15 s. */
  readonly callTimeoutMs?: number;
}

export interface ShellOptions {
  readonly size?: TerminalSize;
  /** Value of TERM; default `linux`. */
  readonly terminalType?: string;
  /** Send what is typed over a connection that is not encrypted. Default: E_TLS_HANDSHAKE instead. */
  readonly allowClear?: boolean;
}

/** A shell on the other machine. Disposing it ends it. */
export interface RemoteShell extends Disposable {
  /** Terminal over there, such as `/dev/pts/3`. */
  readonly device: string;
  /** What it shows, to be iterated once; ends when the shell has ended. Rejects with E_CONNECTION_LOST and others. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Resolves, after `output` has been read to its end, with 128 and the signal's number when a signal ended it. */
  readonly exit: Promise<{ readonly exitCode: number }>;
  /** As if typed; resolves when there is room for more. Does nothing after the end. */
  write(bytes: Uint8Array): Promise<void>;
  resize(size: TerminalSize): void;
  /** To what runs in the foreground. */
  signal(name: TerminalSignal): void;
  /** Tells the other side that no more input comes, which ends the shell. */
  end(): void;
}

/**
 * A connection to a machine that is being installed. All calls reject with E_CONNECTION_LOST, E_CONNECTION_TIMEOUT,
 * E_TLS_CERTIFICATE_MISSING (the call needs a certificate), E_TLS_CERTIFICATE_REFUSED (ours does not count),
 * E_SRPC_ACCESS_DENIED (it does not grant the method), E_SRPC_NO_ENDPOINT (the server does not know the method) and
 * E_SRPC_CALL_FAILED (with the server's words); an aborted signal rejects with its reason.
 */
export interface InstallerClient extends Disposable {
  /** Whether the connection is encrypted. */
  readonly isSecure: boolean;
  getStatus(signal: AbortSignal): Promise<Status>;
  /** Events after number `after` (default 0: all that are known), and those to come unless `follow` is false. */
  watchEvents(
    options: { readonly after?: number; readonly follow?: boolean },
    signal: AbortSignal,
  ): AsyncIterable<Event>;
  /** Log entries after event number `after`, at most the `last` ones of what is known, and with `follow` those to come. */
  streamLogs(
    options: {
      readonly follow?: boolean;
      readonly minimumLevel?: LogLevel;
      readonly last?: number;
      readonly after?: number;
    },
    signal: AbortSignal,
  ): AsyncIterable<LogEntry>;
  openShell(options: ShellOptions, signal: AbortSignal): Promise<RemoteShell>;
  /** Steers the run; resolves with what was done, in words. */
  control(method: ControlMethod, signal: AbortSignal): Promise<string>;
  /** The diagnostics as a tar archive in pieces. */
  diagnose(signal: AbortSignal): AsyncIterable<Uint8Array>;
  close(): void;
}

/**
 * Connects to a machine that is being installed: by TLS, or in the clear when the other side offers nothing else.
 * Rejects with the errors of connections (E_CONNECTION_REFUSED, E_HOST_UNREACHABLE, E_HOST_UNKNOWN,
 * E_CONNECTION_TIMEOUT, E_CONNECTION_LOST), E_TLS_CERTIFICATE_REFUSED when `serverAuthorities` does not know the
 * server, or E_SRPC_NO_ENDPOINT when the other side speaks something else.
 */
export async function connectInstaller(
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<InstallerClient> {
  const connection = await openConnection(options, signal);
  return {
    isSecure: connection.isSecure,
    getStatus: (stop) =>
      callUnary(connection, "asking for the status of", INSTALLER_METHODS.GetStatus, {}, stop),
    watchEvents: ({ after = 0, follow = true }, stop) =>
      readStream(
        connection,
        "watching the events of",
        INSTALLER_METHODS.WatchEvents,
        { after, noFollow: !follow },
        stop,
      ),
    streamLogs: ({ follow = false, minimumLevel = 0, last = 0, after = 0 }, stop) =>
      readStream(
        connection,
        "reading the log of",
        INSTALLER_METHODS.StreamLogs,
        { follow, minimumLevel, last, after },
        stop,
      ),
    openShell: (shell, stop) => openRemoteShell(connection, shell, stop),
    control: async (method, stop) => {
      const attempt = `calling ${method} on`;
      return (await callUnary(connection, attempt, INSTALLER_METHODS[method], {}, stop)).message;
    },
    diagnose: (stop) => diagnose(connection, stop),
    close: () => connection.client.close(),
    [Symbol.dispose]: () => connection.client.close(),
  };
}

async function* diagnose(connection: Connection, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  const attempt = "collecting diagnostics of";
  for await (const { data } of readStream(connection, attempt, INSTALLER_METHODS.Diagnose, {}, signal))
    yield data;
}
