import type { EventHistory, SequencedEvent } from "../../engine/event-history.ts";
import type { Clock } from "../../system/power.ts";

/** Events to be delivered together, and how many were lost before the first of them. */
export interface Batch {
  readonly lost: number;
  /** Ascending. */
  readonly events: readonly SequencedEvent[];
}

export interface PumpOptions {
  readonly history: EventHistory;
  readonly clock: Pick<Clock, "sleep">;
  readonly mostEvents: number;
  /** How long a batch waits for more events. */
  readonly gatherMs: number;
  /** Delivers a batch or rejects; called again with the same batch until it does. */
  readonly deliver: (batch: Batch, signal: AbortSignal) => Promise<void>;
  /** Told when delivering begins to fail, and when it works again. */
  readonly onTrouble: (error: unknown) => void;
  readonly onRecovery: () => void;
  /** Called once, when nothing will be delivered any more. */
  readonly onStopped: () => void;
}

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Between attempts while somebody waits for the last events to arrive. */
const HURRIED_PAUSE_MS = 250;

/**
 * Delivers events in order, each at least once, at the pace of the receiver. It only keeps a place in the history: nothing
 * is queued while the receiver is slow or gone, and what the history forgets meanwhile is counted as lost.
 */
export class Pump implements AsyncDisposable {
  readonly #options: PumpOptions;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  /** Up to this number everything has arrived or is lost. */
  #delivered = 0;
  /** Aborted: nobody waits for company or for better times any more. */
  #hurry = new AbortController();
  #waiters: { readonly upTo: number; readonly arrived: () => void }[] = [];

  constructor(options: PumpOptions) {
    this.#options = options;
    this.#done = this.#run().finally(() => options.onStopped());
  }

  /** Gives what has happened until now up to `limitMs` to arrive; false when it did not. */
  async drain(limitMs: number): Promise<boolean> {
    const upTo = this.#options.history.sequence;
    if (this.#delivered >= upTo) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiters.push({ upTo, arrived: () => resolve(true) });
    this.#hurry.abort();
    const limit = setTimeout(() => resolve(false), limitMs);
    try {
      return await promise;
    } finally {
      clearTimeout(limit);
      this.#hurry = new AbortController();
    }
  }

  /** Stops at once; resolves when nothing is under way any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (await this.#somethingNew()) {
      await this.#sleep(this.#options.gatherMs, AbortSignal.any([signal, this.#hurry.signal]));
      const batch = await this.#take();
      const newest = batch.events.at(-1)?.sequence ?? this.#delivered;
      if (signal.aborted || !(await this.#deliver(batch))) return;
      this.#arrived(newest);
    }
  }

  /** Waits for an event after those that were delivered; false when it was stopped. */
  async #somethingNew(): Promise<boolean> {
    const items = this.#follow(true);
    const { done = false } = await items.next();
    await items.return();
    return !done;
  }

  /** What is there now; of the progress of a step only the newest is left then. */
  async #take(): Promise<Batch> {
    const events: SequencedEvent[] = [];
    let lost = 0;
    for await (const item of this.#follow(false)) {
      if (!("lost" in item)) events.push(item);
      // A loss comes first in a batch; a later one will be told again.
      else if (events.length === 0) lost += item.lost;
      else break;
      if (events.length === this.#options.mostEvents) break;
    }
    return { lost, events };
  }

  #follow(follow: boolean): ReturnType<EventHistory["follow"]> {
    return this.#options.history.follow({ after: this.#delivered, signal: this.#stop.signal, follow });
  }

  /** False when it was stopped. */
  async #deliver(batch: Batch): Promise<boolean> {
    const { signal } = this.#stop;
    let isTrouble = false;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
      try {
        await this.#options.deliver(batch, signal);
        if (isTrouble) this.#options.onRecovery();
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        if (!isTrouble) this.#options.onTrouble(error);
        isTrouble = true;
      }
      if (this.#hurry.signal.aborted) await this.#sleep(HURRIED_PAUSE_MS, signal);
      else await this.#sleep(pauseMs, AbortSignal.any([signal, this.#hurry.signal]));
    }
  }

  /** Never rejects. */
  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await this.#options.clock.sleep(ms, signal).catch(() => undefined);
  }

  #arrived(sequence: number): void {
    this.#delivered = sequence;
    const waiting = this.#waiters;
    this.#waiters = waiting.filter(({ upTo }) => upTo > sequence);
    for (const { upTo, arrived } of waiting) if (upTo <= sequence) arrived();
  }
}
