import { EventHistory, type SequencedEvent } from "../../src/engine/event-history.ts";
import { EventStream, type InstallerEvent, type LogLevel } from "../../src/engine/events.ts";
import type { InterfaceFacts, MachineFacts } from "../../src/engine/facts.ts";
import { UNKNOWN_MACHINE } from "../../src/engine/machine/read-machine-facts.ts";
import type { SessionFacts, Snapshot } from "../../src/engine/snapshot.ts";
import { applyEvent, findStall, INITIAL_STATUS, type RunStatus } from "../../src/engine/status.ts";
import type { PageSource } from "../../src/rpc/http/page-source.ts";

/** Without the `kind` and the time, which the run adds. */
type Details<Kind extends InstallerEvent["kind"]> = Omit<
  Extract<InstallerEvent, { kind: Kind }>,
  "kind" | "at"
>;

/** An installation of which only the events are real: each test tells what happens and how much time goes by. */
export class ScriptedRun implements PageSource {
  readonly events = new EventStream();
  readonly history = new EventHistory();
  hostname = "host";
  machine: MachineFacts = UNKNOWN_MACHINE;
  interfaces: readonly InterfaceFacts[] = [];
  sessions: readonly SessionFacts[] = [];
  /** How often somebody looked. */
  snapshots = 0;
  #at = 0;
  #status: RunStatus = INITIAL_STATUS;
  #logEvents: SequencedEvent[] = [];
  readonly #logCapacity: number;
  readonly #now: (() => number) | undefined;

  /** `now`: a clock in place of the script's, for events that somebody else publishes. */
  constructor({
    logCapacity = 1024,
    now,
  }: { readonly logCapacity?: number; readonly now?: () => number } = {}) {
    this.#logCapacity = logCapacity;
    this.#now = now;
    this.events.subscribe((event) => {
      this.history.record(event);
      this.#status = applyEvent(this.#status, event);
      if (event.kind !== "log") return;
      this.#logEvents = [...this.#logEvents, { sequence: this.history.sequence, event }].slice(
        -this.#logCapacity,
      );
    });
  }

  /** Milliseconds since the beginning. */
  get at(): number {
    return this.#now?.() ?? this.#at;
  }

  /** Lets `ms` go by. */
  pass(ms: number): this {
    this.#at += ms;
    return this;
  }

  publish<Kind extends InstallerEvent["kind"]>(kind: Kind, details: Details<Kind>): this {
    this.events.publish({ kind, at: this.at, ...details } as unknown as InstallerEvent);
    return this;
  }

  log(message: string, level: LogLevel = "info"): this {
    return this.publish("log", { level, message });
  }

  start(id: string, title: string, destructive = false): this {
    return this.publish("step-started", { id, title, destructive });
  }

  end(id: string): this {
    return this.publish("step-ended", { id, durationMs: 0 });
  }

  logEvents(): readonly SequencedEvent[] {
    return this.#logEvents;
  }

  snapshot(): Snapshot {
    this.snapshots += 1;
    const status = this.#status;
    const stall = findStall(status, this.at);
    return {
      hostname: this.hostname,
      version: "1.0.0",
      runtime: "Node v26.0.0",
      startedUnixMs: Date.UTC(2026, 10, 20, 20, 42, 25),
      at: this.at,
      status,
      sequence: this.history.sequence,
      ...(stall === undefined ? {} : { stall }),
      interfaces: this.interfaces,
      sessions: this.sessions,
      machine: this.machine,
      process: {
        memoryBytes: 96 * 2 ** 20,
        cpuUserSeconds: this.#at / 6_000,
        cpuSystemSeconds: this.#at / 18_000,
      },
    };
  }
}
