import type { Terminal, TerminalSize } from "../../system/terminals.ts";

/** How somebody reached a shell. */
export type ShellProtocol = "srpc" | "grpc";

/** A remote shell, as pages and listings show it. */
export interface ShellSessionInfo {
  /** Path of the terminal, such as `/dev/pts/3`. */
  readonly device: string;
  /** Empty: unknown. */
  readonly userName: string;
  /** `address:port`. */
  readonly peer: string;
  readonly protocol: ShellProtocol;
  /** Milliseconds since the process started. */
  readonly startedAt: number;
}

export interface ShellRequest {
  readonly userName: string;
  readonly peer: string;
  readonly protocol: ShellProtocol;
  readonly size?: TerminalSize;
  /** Value of TERM; default `linux`. */
  readonly terminalType?: string;
}

/** A shell that was opened for somebody; disposing it ends the shell and takes it off the list. */
export interface ShellSession extends AsyncDisposable {
  readonly info: ShellSessionInfo;
  readonly terminal: Terminal;
}

/** Where remote shells come from, whatever the protocol. */
export interface ShellHost {
  /** Rejects with E_SHELL_UNAVAILABLE (none configured, too many open) or the errors of Terminals.open. */
  open(request: ShellRequest): Promise<ShellSession>;
  /** Open sessions, by device. */
  list(): readonly ShellSessionInfo[];
}
