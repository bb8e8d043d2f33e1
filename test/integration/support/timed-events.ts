import { EventStream, type InstallerEvent } from "../../../src/engine/events.ts";

/** Hands events on to another stream and measures how long whoever publishes is held up by that. */
export class TimedEvents extends EventStream {
  readonly #inner: EventStream;
  #longestMs = 0;

  constructor(inner: EventStream) {
    super();
    this.#inner = inner;
  }

  override publish(event: InstallerEvent): void {
    const startMs = performance.now();
    this.#inner.publish(event);
    this.#longestMs = Math.max(this.#longestMs, performance.now() - startMs);
  }

  /** The longest call of `publish` since this was asked before. */
  takeLongestMs(): number {
    const longestMs = this.#longestMs;
    this.#longestMs = 0;
    return longestMs;
  }
}
