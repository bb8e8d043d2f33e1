import { setTimeout as sleep } from "node:timers/promises";
import type { ProcessCalls } from "./native/native-calls.ts";
import { exitCodeOf } from "./native/process-structures.ts";

/** A blocking waitpid would occupy one of the few threads that all file operations share, for as long as the child runs. */
const POLL_MS = 100;
/** When the end is near. */
const SHORT_POLL_MS = 5;
const SHORT_POLLS = 20;
/** When nobody knows how a child ended, because something else has reaped it. */
const UNKNOWN_EXIT_CODE = 128;

/** Waits for the end of a child that was started by a system call, and reaps it. */
export class ChildExit {
  /** Its exit code, or 128 and the number of the signal that ended it. Never rejects. */
  readonly code: Promise<number>;
  readonly #native: ProcessCalls;
  readonly #processId: number;
  readonly #endIsNear: AbortSignal;
  #isOver = false;

  /** `endIsNear` aborts when there is reason to look more often. */
  constructor(native: ProcessCalls, processId: number, endIsNear: AbortSignal) {
    this.#native = native;
    this.#processId = processId;
    this.#endIsNear = endIsNear;
    this.code = this.#wait();
  }

  /** From then on the process id may be that of another process. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether it has ended after `limitMs` at the latest. */
  async isOverWithin(limitMs: number): Promise<boolean> {
    const over = new AbortController();
    const limit = sleep(limitMs, undefined, { signal: over.signal }).catch(() => undefined);
    await Promise.race([this.code, limit]);
    over.abort();
    return this.#isOver;
  }

  async #wait(): Promise<number> {
    for (let shortPolls = 0; ; ) {
      const exitCode = this.#reap();
      if (exitCode !== undefined) return exitCode;
      if (this.#endIsNear.aborted) await sleep(shortPolls++ < SHORT_POLLS ? SHORT_POLL_MS : POLL_MS);
      else await sleep(POLL_MS, undefined, { signal: this.#endIsNear }).catch(() => undefined);
    }
  }

  #reap(): number | undefined {
    try {
      const status = this.#native.waitNow(this.#processId);
      if (status === undefined) return undefined;
      this.#isOver = true;
      return exitCodeOf(status);
    } catch {
      this.#isOver = true;
      return UNKNOWN_EXIT_CODE;
    }
  }
}
