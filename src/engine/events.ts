import type { LogFields } from "../core/logger.ts";
import type { DrivesPlan } from "./drives-plan.ts";
import type { HandOverState, Notice } from "./facts.ts";
import type { ProgressUnit } from "./progress.ts";

export type LogLevel = "error" | "warn" | "info" | "debug";

/**
 * Everything that can be observed about a run. The console, the status page, the log files and the metrics are views
 * of this one stream; nothing else reports.
 */
export type InstallerEvent =
  | {
      readonly kind: "step-started";
      readonly at: number;
      readonly id: string;
      readonly title: string;
      readonly destructive: boolean;
    }
  | {
      readonly kind: "step-progress";
      readonly at: number;
      readonly id: string;
      readonly done: number;
      readonly total?: number;
      readonly unit: ProgressUnit;
      readonly note?: string;
    }
  | {
      readonly kind: "step-waiting";
      readonly at: number;
      readonly id: string;
      /** A program that runs, a server that has to answer; empty: no longer waiting. */
      readonly waitingFor: string;
    }
  | { readonly kind: "step-ended"; readonly at: number; readonly id: string; readonly durationMs: number }
  | {
      readonly kind: "step-failed";
      readonly at: number;
      readonly id: string;
      readonly durationMs: number;
      readonly code: string;
      readonly message: string;
      readonly hint: string;
    }
  | {
      readonly kind: "log";
      readonly at: number;
      readonly level: LogLevel;
      readonly debugLevel?: number;
      readonly message: string;
      readonly fields?: LogFields;
      readonly stepId?: string;
    }
  | {
      readonly kind: "run-ended";
      readonly at: number;
      readonly outcome: "succeeded" | "failed";
      readonly message: string;
    }
  | { readonly kind: "drives-planned"; readonly at: number; readonly plan: DrivesPlan }
  | { readonly kind: "hand-over"; readonly at: number; readonly state: HandOverState }
  | { readonly kind: "notice"; readonly at: number; readonly notice: Notice };

/** `at` is milliseconds since the process started (Clock.monotonicMs). */
export type EventListener = (event: InstallerEvent) => void;

/** Delivers events to all listeners in the order of subscription; a listener that throws is dropped, never fatal. */
export class EventStream {
  readonly #listeners = new Set<EventListener>();

  subscribe(listener: EventListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  publish(event: InstallerEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch {
        this.#listeners.delete(listener);
      }
    }
  }
}
