import type { LogEntry, Status } from "../../rpc/generated/installer.js";
import { renderWatch } from "./render-watch.ts";
import { RunTracker } from "./run-tracker.ts";
import type { Screen } from "./screen.ts";

/** More than the tallest terminal has lines. */
export const KEPT_ENTRIES = 300;

/** What is known of the machine, and since when. */
export class LiveView {
  readonly #address: string;
  readonly #nowMs: () => number;
  readonly tracker = new RunTracker();
  #logs: readonly LogEntry[] = [];
  #status: { readonly value: Status; readonly atMs: number } | undefined;
  #waiting: string | undefined;

  constructor(address: string, nowMs: () => number) {
    this.#address = address;
    this.#nowMs = nowMs;
  }

  get status(): Status | undefined {
    return this.#status?.value;
  }

  lose(reason: string): void {
    this.#waiting = reason;
  }

  setStatus(value: Status): void {
    const atMs = this.#nowMs();
    if (this.tracker.observe(value, atMs)) this.#logs = [];
    this.#status = { value, atMs };
    this.#waiting = undefined;
  }

  addEntry(entry: LogEntry): void {
    this.tracker.advance(entry.sequence);
    this.#logs = [...this.#logs, entry].slice(-KEPT_ENTRIES);
  }

  draw(screen: Screen): void {
    const ageMs = this.#status === undefined ? 0 : this.#nowMs() - this.#status.atMs;
    const waiting = this.#waiting === undefined ? {} : { waiting: this.#waiting };
    const view = { address: this.#address, status: this.status, logs: this.#logs, ageMs, ...waiting };
    screen.draw(renderWatch(view, screen.size()));
  }
}
