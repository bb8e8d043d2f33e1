import type { Socket } from "node:net";

/** Drops a connection that does not get something done in time. */
export class Deadline {
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.once("close", () => this.stop());
  }

  /** Starts anew. */
  start(timeoutMs: number): void {
    this.stop();
    if (this.#socket.destroyed) return;
    const timer = setTimeout(() => {
      // What arrived in time but could not be looked at, because this program was busy, counts: it is read before.
      setImmediate(() => {
        if (this.#timer === timer) this.#socket.destroy();
      });
    }, timeoutMs);
    this.#timer = timer;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
