import { InstallerError, messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Clock } from "../../system/power.ts";
import { PROGRAM_PATH } from "../../system/program-path.ts";
import type { Terminal, Terminals } from "../../system/terminals.ts";
import type { LogSource } from "./log-source.ts";
import { OpenSession } from "./open-session.ts";
import type { ShellHost, ShellProtocol, ShellRequest, ShellSession, ShellSessionInfo } from "./shell-host.ts";

export interface ShellSessionsOptions {
  readonly terminals: Terminals;
  /** Program and arguments of `-shellCommand`; empty: there are no shells. */
  readonly command: readonly string[];
  /** Besides TERM. Default: PATH and HOME. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** Tells of sessions; what it writes must not be shown live in them. */
  readonly log: Logger;
  readonly logSource: LogSource;
  /** Default 16. */
  readonly maximumSessions?: number;
}

const DEFAULT_MAXIMUM_SESSIONS = 16;
/** A shell without PATH finds its programs only when it is busybox. */
const DEFAULT_ENVIRONMENT = { PATH: PROGRAM_PATH, HOME: "/" };
/** What a terminal in a rack shows, and what any terminal of a person understands well enough. */
const DEFAULT_TERMINAL_TYPE = "linux";
const TERMINAL_TYPE = /^[\w.+-]{1,64}$/;
const PROTOCOL_NAMES: Readonly<Record<ShellProtocol, string>> = { srpc: "SRPC", grpc: "gRPC" };

/** The remote shells of this machine. Disposing it ends them all; none can be opened after that. */
export class ShellSessions implements ShellHost, AsyncDisposable {
  /** For what a session shows besides its terminal. */
  readonly logSource: LogSource;
  readonly #log: Logger;
  readonly #options: ShellSessionsOptions;
  /** With what settles when each is over. */
  readonly #open = new Map<OpenSession, Promise<void>>();
  #pending = 0;
  #isClosed = false;

  constructor(options: ShellSessionsOptions) {
    this.#options = options;
    this.#log = options.log;
    this.logSource = options.logSource;
  }

  /** How many are open. */
  get count(): number {
    return this.#open.size;
  }

  /** See ShellHost. What goes wrong is logged as well. */
  async open(request: ShellRequest): Promise<ShellSession> {
    try {
      return await this.#start(request);
    } catch (error) {
      const { userName, peer } = request;
      this.#log.warn(`cannot open shell for user: ${userName}: ${messageChain(error)}`, { peer });
      throw error;
    }
  }

  list(): readonly ShellSessionInfo[] {
    return [...this.#open.keys()]
      .map(({ info }) => info)
      .toSorted((a, b) => a.device.localeCompare(b.device, "en", { numeric: true }));
  }

  /**
   * Resolves when all sessions that are open now have ended, or when the limit is reached. Rejects with E_CANCELLED when
   * `signal` aborts before that.
   */
  async waitUntilClosed(limitMs: number, signal: AbortSignal): Promise<void> {
    if (this.#open.size === 0) return;
    const over = new AbortController();
    const limit = this.#options.clock.sleep(limitMs, AbortSignal.any([signal, over.signal]));
    try {
      await Promise.race([limit, Promise.all(this.#open.values())]);
    } finally {
      over.abort();
      await limit.catch(() => undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#open.keys()].map(async (session) => session[Symbol.asyncDispose]()));
  }

  async #start(request: ShellRequest): Promise<ShellSession> {
    this.#requireRoom();
    this.#pending += 1;
    try {
      const terminal = await this.#openTerminal(request);
      if (this.#isClosed) {
        await terminal.close();
        this.#requireRoom();
      }
      return this.#register(request, terminal);
    } finally {
      this.#pending -= 1;
    }
  }

  #requireRoom(): void {
    const maximum = this.#options.maximumSessions ?? DEFAULT_MAXIMUM_SESSIONS;
    if (this.#isClosed) throw unavailable("the machine is about to restart");
    if ((this.#options.command[0] ?? "") === "") throw unavailable("-shellCommand is empty");
    if (this.#open.size + this.#pending >= maximum) throw unavailable(`${maximum} are open already`);
  }

  async #openTerminal({ terminalType = "", size }: ShellRequest): Promise<Terminal> {
    const { terminals, command, environment = DEFAULT_ENVIRONMENT } = this.#options;
    const [program = "", ...args] = command;
    const TERM = TERMINAL_TYPE.test(terminalType) ? terminalType : DEFAULT_TERMINAL_TYPE;
    return terminals.open({
      program,
      args,
      environment: { ...environment, TERM },
      ...(size === undefined ? {} : { size }),
    });
  }

  #register({ userName, peer, protocol }: ShellRequest, terminal: Terminal): ShellSession {
    const { device } = terminal;
    const startedAt = this.#options.clock.monotonicMs();
    const { promise, resolve } = Promise.withResolvers<void>();
    const about = (verb: string): string =>
      `shell on ${PROTOCOL_NAMES[protocol]} connection ${verb} for user: ${userName} with tty: ${device}`;
    const session = new OpenSession({ device, userName, peer, protocol, startedAt }, terminal, () => {
      this.#open.delete(session);
      this.#log.info(about("exited"));
      resolve();
    });
    this.#open.set(session, promise);
    this.#log.info(about("started"));
    return session;
  }
}

function unavailable(reason: string): InstallerError {
  return new InstallerError("E_SHELL_UNAVAILABLE", `opening a shell: ${reason}`);
}
