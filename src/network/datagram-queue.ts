/** A datagram and who sent it. */
export interface Datagram {
  readonly data: Buffer;
  readonly address: string;
  readonly port: number;
}

/** More waiting datagrams than this means a flood; the newest are dropped, as a full socket buffer would. */
const MAXIMUM_WAITING = 256;

/** Turns the `message` events of a socket into something that can be awaited, one reader at a time. */
export class DatagramQueue {
  readonly #waiting: Datagram[] = [];
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  push(datagram: Datagram): void {
    if (this.#waiting.length < MAXIMUM_WAITING) this.#waiting.push(datagram);
    this.#wake?.();
  }

  /** Makes the pending and every later `next` reject with `error`. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#wake?.();
  }

  /** The oldest datagram. Rejects with the abort reason or the socket's failure; an aborted wait loses nothing. */
  async next(signal: AbortSignal): Promise<Datagram> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#failure !== undefined) throw this.#failure;
      const datagram = this.#waiting.shift();
      if (datagram !== undefined) return datagram;
      await this.#arrival(signal);
    }
  }

  #arrival(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wake = undefined;
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#wake = wake;
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}
