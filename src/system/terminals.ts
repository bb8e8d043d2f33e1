/** Size of a terminal window in characters; zero: unknown, as a serial line's. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A program to run on a pseudo-terminal of its own, as the leader of a new session. */
export interface TerminalRequest {
  /** A name to look up in the fixed PATH, or an absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  /** The whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Default: our own. */
  readonly workingDirectory?: string;
  /** Default: 0 by 0. */
  readonly size?: TerminalSize;
}

/** Signals that a person at a terminal may send to what runs in the foreground. */
export type TerminalSignal = "SIGHUP" | "SIGINT" | "SIGQUIT" | "SIGTERM" | "SIGKILL" | "SIGTSTP" | "SIGCONT";

/** How a program on a terminal ended: exit code, or 128 and the number of the signal as shells report it. */
export interface TerminalExit {
  readonly exitCode: number;
}

/** A running program and the master side of its pseudo-terminal (pty(7)). Disposing it ends both. */
export interface Terminal extends AsyncDisposable {
  /** Path of the slave, such as `/dev/pts/3`. */
  readonly device: string;
  readonly processId: number;
  /**
   * What is shown, in pieces as the kernel gives them; to be iterated once. Not reading holds only the program on this
   * terminal back. Ends when the last program has closed the terminal, or soon after the end of the program itself when
   * others go on in the background. Never rejects.
   */
  readonly output: AsyncIterable<Uint8Array>;
  /** As if typed; resolves when the terminal has taken it. Does nothing after the end. */
  write(bytes: Uint8Array): Promise<void>;
  resize(size: TerminalSize): void;
  /** To the process group in the foreground; does nothing when there is none. */
  signal(name: TerminalSignal): void;
  /** Resolves when the program has ended, with its output perhaps still unread. Never rejects. */
  readonly exit: Promise<TerminalExit>;
  /**
   * SIGHUP for the session, SIGKILL two seconds later for what is left of the program. Resolves when it is gone, or when
   * it is plain that it cannot be killed. Never rejects.
   */
  close(): Promise<void>;
}

/** Pseudo-terminals of this machine. */
export interface Terminals {
  /**
   * Rejects with E_COMMAND_NOT_FOUND, with E_NO_TERMINAL when no pseudo-terminal can be had, or with E_COMMAND_FAILED when
   * the program cannot be started.
   */
  open(request: TerminalRequest): Promise<Terminal>;
}
