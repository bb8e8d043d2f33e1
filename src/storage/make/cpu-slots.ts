import { toError } from "../../core/errors.ts";

/** What one derivation of a LUKS key may take: the most that Argon2 is given by cryptsetup. */
const DERIVATION_BYTES = 2 ** 30;

/**
 * How many keys may be derived at once: one a processor, and no more than there is memory for (each takes up to a GiB); at
 * least one. `availableBytes` is undefined when the kernel does not tell.
 */
export function countCpuSlots(cpuCount: number, availableBytes: number | undefined): number {
  const byMemory = Math.floor((availableBytes ?? Number.POSITIVE_INFINITY) / DERIVATION_BYTES);
  return Math.max(1, Math.min(cpuCount, byMemory));
}

/** Bytes of `MemAvailable` in the text of /proc/meminfo (proc_meminfo(5)); undefined when it is not there. */
export function parseAvailableMemory(text: string): number | undefined {
  const kibibytes = /^MemAvailable:\s+(\d{1,12}) kB$/m.exec(text)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

interface Waiting {
  readonly start: () => void;
}

/** Lets a limited number of tasks run at once; the others wait in line, first come, first served. */
export class CpuSlots {
  #free: number;
  readonly #line: Waiting[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Runs `task` when it is its turn. Rejects with the abort reason, without running it, when aborted before that. */
  async run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#take(signal);
    try {
      signal.throwIfAborted();
      return await task();
    } finally {
      this.#giveBack();
    }
  }

  async #take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const waiting: Waiting = {
        start: () => {
          signal.removeEventListener("abort", leave);
          resolve();
        },
      };
      const leave = () => {
        this.#line.splice(this.#line.indexOf(waiting), 1);
        reject(toError(signal.reason));
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#line.push(waiting);
    });
  }

  #giveBack(): void {
    const next = this.#line.shift();
    if (next === undefined) this.#free += 1;
    else next.start();
  }
}
