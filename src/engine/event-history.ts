import type { InstallerEvent } from "./events.ts";

/** An event and its place in the order of all; numbers start at 1. */
export interface SequencedEvent {
  readonly sequence: number;
  readonly event: InstallerEvent;
}

/** What a reader gets: events, and at most how many were dropped before it came to them. */
export type HistoryItem = SequencedEvent | { readonly lost: number };

export interface FollowOptions {
  /** Only events with a greater number; 0: from the oldest that is known. */
  readonly after?: number;
  /** Ends the reading; without error. */
  readonly signal: AbortSignal;
  /** False: end when all that is known has been read. */
  readonly follow: boolean;
}

const DEFAULT_CAPACITY = 4096;
/**
 * Between two rounds of waking readers. Events come in bursts, two for each program that a step runs, and to wake fifty
 * readers for each of them costs the installation more than what they then read.
 */
const WAKE_INTERVAL_MS = 100;

/**
 * The newest events, for readers who come late, come back, or are slow. A reader is only a place in the history: it
 * costs nothing while it does not read, whatever is published meanwhile, and learns how much it missed if it stayed
 * away for too long. Of the progress of a step, and of what it waits for, only the newest event is kept.
 */
export class EventHistory {
  readonly #capacity: number;
  /** Ascending by number. */
  readonly #items: SequencedEvent[] = [];
  /** The newest event of those kinds of which only the newest is kept. */
  readonly #newest = new Map<string, number>();
  #sequence = 0;
  /** Nothing up to this number is known any more. */
  #droppedUpTo = 0;
  #waiters = new Set<() => void>();
  /** Runs for a while after waking readers, who are not woken meanwhile. */
  #pause: NodeJS.Timeout | undefined;
  /** The newest event when readers were woken last. */
  #wokenFor = 0;

  constructor(capacity = DEFAULT_CAPACITY) {
    this.#capacity = capacity;
  }

  /** The number of the newest event; 0 before the first. */
  get sequence(): number {
    return this.#sequence;
  }

  /**
   * A subscriber of an EventStream. Wakes readers at once when it was quiet, else a tenth of a second after the last time;
   * they read after the current turn, so that no reader delays a publisher.
   */
  record(event: InstallerEvent): void {
    this.#sequence += 1;
    this.#supersede(event);
    this.#items.push({ sequence: this.#sequence, event });
    if (this.#items.length > this.#capacity) {
      this.#droppedUpTo = this.#items.shift()?.sequence ?? this.#droppedUpTo;
    }
    this.#wakeReaders();
  }

  /** What is known now after `sequence`, oldest first. */
  itemsAfter(sequence: number): readonly SequencedEvent[] {
    return this.#items.slice(this.#indexAfter(sequence));
  }

  /** Reads on from `after` at the pace of the reader. */
  async *follow({ after = 0, signal, follow }: FollowOptions): AsyncGenerator<HistoryItem, void, undefined> {
    // Whoever begins at the beginning wants what there is; to have missed something one must have been there before.
    let place = after === 0 ? this.#droppedUpTo : after;
    while (!signal.aborted) {
      if (this.#droppedUpTo > place) {
        yield { lost: this.#droppedUpTo - place };
        place = this.#droppedUpTo;
      }
      const next = this.#items[this.#indexAfter(place)];
      if (next !== undefined) {
        place = next.sequence;
        yield next;
      } else if (follow) await this.#changed(signal);
      else return;
    }
  }

  #wakeReaders(): void {
    if (this.#pause !== undefined || this.#wokenFor === this.#sequence || this.#waiters.size === 0) return;
    this.#wokenFor = this.#sequence;
    const waiters = this.#waiters;
    this.#waiters = new Set();
    for (const wake of waiters) wake();
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#wakeReaders();
    }, WAKE_INTERVAL_MS).unref();
  }

  #supersede(event: InstallerEvent): void {
    if (event.kind !== "step-progress" && event.kind !== "step-waiting") return;
    const key = `${event.kind} ${event.id}`;
    const older = this.#newest.get(key);
    this.#newest.set(key, this.#sequence);
    if (older === undefined) return;
    const index = this.#indexAfter(older - 1);
    if (this.#items[index]?.sequence === older) this.#items.splice(index, 1);
  }

  /** Index of the first item with a greater number. */
  #indexAfter(sequence: number): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#items[middle]?.sequence ?? 0) <= sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  async #changed(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    this.#waiters.add(wake);
    signal.addEventListener("abort", wake, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", wake);
      this.#waiters.delete(wake);
    }
  }
}
