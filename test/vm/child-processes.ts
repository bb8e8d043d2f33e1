import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";

const GRACE_MS = 3000;

/** The processes that a lab has started, stopped by their ids and by nothing else. */
export class ChildProcesses {
  readonly #running = new Set<ChildProcess>();

  spawn(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    const child = spawn(program, args, options);
    this.#running.add(child);
    child.on("error", () => this.#running.delete(child));
    child.on("exit", () => this.#running.delete(child));
    return child;
  }

  /** Asks all to end, and kills those that do not. */
  async stop(): Promise<void> {
    const children = [...this.#running];
    const ended = Promise.all(children.map((child) => once(child, "exit")));
    for (const child of children) child.kill("SIGTERM");
    const timer = setTimeout(() => this.killNow(), GRACE_MS);
    await ended;
    clearTimeout(timer);
  }

  /** For the last moment of our own process, when nothing can be waited for. */
  killNow(): void {
    for (const child of this.#running) child.kill("SIGKILL");
  }
}
