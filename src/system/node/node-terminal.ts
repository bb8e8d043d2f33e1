import { once } from "node:events";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { ReadStream } from "node:tty";
import type { Terminal, TerminalExit, TerminalSignal, TerminalSize } from "../terminals.ts";
import { ChildExit } from "./child-exit.ts";
import { type NativeCalls, TIOCGPGRP, TIOCSWINSZ } from "./native/native-calls.ts";
import { encodeWindowSize } from "./native/process-structures.ts";
import { encodeInt } from "./native/structures.ts";

/** After the program has ended: when nothing was shown for this long, the output is over even if others could go on. */
const QUIET_MS = 500;
/** And it is over after this time, whatever they show. */
const OUTPUT_LIMIT_MS = 30_000;
/** From SIGHUP to SIGKILL. */
const KILL_DELAY_MS = 2_000;
/** From SIGKILL to giving up: a process inside a device that does not answer cannot be killed. */
const KILL_TIMEOUT_MS = 3_000;

/** Both ends of a pseudo-terminal. */
export interface TerminalPair {
  /** Of the master; owned by `stream`. */
  readonly fd: number;
  readonly device: string;
  readonly stream: ReadStream;
}

/** A program that was started on a pseudo-terminal, as a session of its own. */
export class NodeTerminal implements Terminal {
  readonly device: string;
  readonly processId: number;
  readonly output: AsyncIterable<Uint8Array>;
  readonly exit: Promise<TerminalExit>;
  readonly #native: NativeCalls;
  readonly #fd: number;
  readonly #master: ReadStream;
  readonly #child: ChildExit;
  #isReading = false;
  #chunksRead = 0;
  #closing: Promise<void> | undefined;

  constructor(native: NativeCalls, terminal: TerminalPair & { readonly processId: number }) {
    this.#native = native;
    this.#fd = terminal.fd;
    this.#master = terminal.stream;
    this.device = terminal.device;
    this.processId = terminal.processId;
    // Also reported by the reading, or of no interest when nobody reads.
    this.#master.on("error", () => undefined);
    const hungUp = new AbortController();
    this.#master.once("close", () => hungUp.abort());
    this.#child = new ChildExit(native, terminal.processId, hungUp.signal);
    this.output = this.#read();
    this.exit = this.#child.code.then((exitCode) => ({ exitCode }));
    void this.exit.then(() => this.#endOutput());
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#master.destroyed || bytes.length === 0) return;
    await new Promise<void>((resolve) => this.#master.write(bytes, () => resolve()));
  }

  resize({ columns, rows }: TerminalSize): void {
    if (this.#master.destroyed) return;
    this.#native.ioctl(this.#fd, TIOCSWINSZ, encodeWindowSize(columns, rows));
  }

  signal(name: TerminalSignal): void {
    const group = this.#foregroundGroup();
    if (group !== undefined) sendSignal(-group, name);
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async *#read(): AsyncGenerator<Uint8Array, undefined> {
    if (this.#master.destroyed) return;
    const chunks = this.#master.iterator({ destroyOnReturn: false });
    try {
      for (;;) {
        this.#isReading = true;
        const next = await chunks.next();
        this.#isReading = false;
        this.#chunksRead += 1;
        if (next.done === true) return;
        yield next.value as Uint8Array;
      }
    } catch {
      // EIO is how a master learns that nobody has the terminal open any more; whatever else it is, it is the end.
    }
  }

  /** What runs in the background may keep the terminal open for ever; its last words are waited for, no more. */
  async #endOutput(): Promise<void> {
    for (let waitedMs = 0; waitedMs < OUTPUT_LIMIT_MS && !this.#master.destroyed; waitedMs += QUIET_MS) {
      const chunksBefore = this.#chunksRead;
      await sleep(QUIET_MS, undefined, { ref: false });
      if (this.#isReading && this.#chunksRead === chunksBefore) break;
    }
    this.#master.destroy();
  }

  /** Undefined when there is none, for instance because the session is over (tcgetpgrp(3)). */
  #foregroundGroup(): number | undefined {
    if (this.#master.destroyed) return undefined;
    const group = encodeInt(0);
    try {
      this.#native.ioctl(this.#fd, TIOCGPGRP, group);
    } catch {
      return undefined;
    }
    // Zero would mean our own group, one everybody.
    return group.readInt32LE() > 1 ? group.readInt32LE() : undefined;
  }

  async #end(): Promise<void> {
    const foreground = this.#foregroundGroup();
    if (!this.#child.isOver) sendSignal(-this.processId, "SIGHUP");
    // The kernel sends SIGHUP and SIGCONT on its own as well, to the leader and to the foreground.
    if (!this.#master.closed) {
      const closed = once(this.#master, "close");
      this.#master.destroy();
      await closed;
    }
    if (await this.#child.isOverWithin(KILL_DELAY_MS)) return;
    // While the leader lives, its terminal's groups are those of its session.
    if (foreground !== undefined) sendSignal(-foreground, "SIGKILL");
    sendSignal(-this.processId, "SIGKILL");
    await this.#child.isOverWithin(KILL_TIMEOUT_MS);
  }
}

/** Does nothing when the process or the group is gone. */
function sendSignal(target: number, name: TerminalSignal): void {
  try {
    process.kill(target, constants.signals[name]);
  } catch {
    // ESRCH: it has ended by itself.
  }
}
