import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Crowd, WatcherAnswer, WatcherRequest, WatcherSettings } from "./crowds.ts";

const SCRIPT = join(import.meta.dirname, "watcher-client.ts");

/** A process of its own, so that what watching costs the watchers does not count; see watcher-client.ts. */
export class WatcherProcess implements AsyncDisposable {
  readonly #child: ChildProcess;

  constructor(settings: WatcherSettings) {
    // In a session of its own: the scheduler shares the processors out among sessions.
    this.#child = fork(SCRIPT, [JSON.stringify(settings)], { detached: true, execArgv: [] });
  }

  /** Resolves when all of the crowd have seen something. */
  async open(crowd: Crowd): Promise<void> {
    await this.#ask({ act: "open", crowd });
  }

  /** Closes all that are open, after those who read a shell have read until `until`. */
  async close(until = ""): Promise<WatcherAnswer> {
    return this.#ask({ act: "close", until });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.disconnect();
    await exited;
  }

  async #ask(request: WatcherRequest): Promise<WatcherAnswer> {
    const waiting = new AbortController();
    const { signal } = waiting;
    const answer = once(this.#child, "message", { signal }) as Promise<[WatcherAnswer]>;
    const exit = once(this.#child, "exit", { signal }).then((): never => {
      throw new Error("the watchers' process ended");
    });
    try {
      this.#child.send(request);
      const [received] = await Promise.race([answer, exit]);
      if (received.error !== undefined) throw new Error(`${request.act}: ${received.error}`);
      return received;
    } finally {
      waiting.abort();
      await Promise.allSettled([answer, exit]);
    }
  }
}
