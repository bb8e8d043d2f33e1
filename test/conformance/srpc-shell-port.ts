import { setTimeout as sleep } from "node:timers/promises";
import { silentLogger } from "../../src/core/logger.ts";
import { formatTimestamp } from "../../src/engine/log-line.ts";
import { type ListeningPort, listenOnPort } from "../../src/rpc/port/listen.ts";
import { installerShellMethod } from "../../src/rpc/shell/shell-method.ts";
import { ShellSessions } from "../../src/rpc/shell/shell-sessions.ts";
import { SrpcServer } from "../../src/rpc/srpc/server.ts";
import { createNodeHost } from "../../src/system/node/node-host.ts";
import type { Parties } from "./srpc-parties.ts";

/** The default of the flag -shellCommand. */
const COMMAND = ["/bin/busybox", "sh", "-i"];
const CLOSE_TIMEOUT_MS = 10_000;
const POLL_MS = 20;

export interface ShellPortOptions {
  readonly parties: Parties;
  /** The log from before anybody came. */
  readonly log: readonly string[];
  /** Without certificates: everybody may have a shell. */
  readonly isInsecure: boolean;
}

/** A port of ours that offers shells, and what it logs about them. */
export class ShellPort implements AsyncDisposable {
  /** What was logged about sessions. */
  readonly messages: string[] = [];
  readonly #host = createNodeHost();
  readonly #sessions: ShellSessions;
  readonly #listening: ListeningPort[] = [];

  private constructor({ log: before }: ShellPortOptions) {
    const log = [...before];
    const { clock, terminals } = this.#host;
    const info = (message: string): void => {
      this.messages.push(message);
      log.push(`${formatTimestamp(clock.monotonicMs())} ${message}`);
    };
    const logSource = { entries: () => [...log], subscribe: () => ({ [Symbol.dispose]: () => {} }) };
    const options = { terminals, command: COMMAND, clock, log: { ...silentLogger, info }, logSource };
    this.#sessions = new ShellSessions(options);
  }

  static async open(options: ShellPortOptions): Promise<ShellPort> {
    const port = new ShellPort(options);
    const credentials = options.isInsecure ? {} : { credentials: () => options.parties.server };
    await port.#listen({ ...credentials, isInsecure: options.isInsecure });
    // The same without certificates, and without having been told to be open to everybody.
    await port.#listen({ isInsecure: false });
    return port;
  }

  get port(): number {
    return this.#listening[0]?.port ?? 0;
  }

  /** A port without certificates that is not insecure either. */
  get closedPort(): number {
    return this.#listening[1]?.port ?? 0;
  }

  /** Whether all sessions end soon. */
  async isIdle(): Promise<boolean> {
    for (let waitedMs = 0; this.#sessions.count > 0 && waitedMs < CLOSE_TIMEOUT_MS; waitedMs += POLL_MS)
      await sleep(POLL_MS);
    return this.#sessions.count === 0;
  }

  async #listen(access: Pick<SrpcOptions, "credentials" | "isInsecure">): Promise<void> {
    const methods = [installerShellMethod(this.#sessions)];
    const srpc = new SrpcServer({ methods, ...access, hostname: "installer.example", log: silentLogger });
    this.#listening.push(await listenOnPort({ port: 0, host: "127.0.0.1", srpc, log: silentLogger }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const listening of this.#listening) await listening.close();
    await this.#sessions[Symbol.asyncDispose]();
    await this.#host[Symbol.asyncDispose]();
  }
}

type SrpcOptions = ConstructorParameters<typeof SrpcServer>[0];
