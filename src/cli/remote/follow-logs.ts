import type { Writable } from "node:stream";
import type { LogEntry, LogLevel } from "../../rpc/generated/installer.js";
import { writeOutput } from "../write-output.ts";
import { type ConversationOptions, converse } from "./converse.ts";
import { formatEntry } from "./events.ts";
import { RunTracker } from "./run-tracker.ts";
import { streamEnded } from "./watch-plain.ts";

export interface LogOptions extends ConversationOptions {
  readonly stdout: Writable;
  readonly minimumLevel: LogLevel;
  /** Only so many of the entries that are there at first; 0: all. */
  readonly last: number;
}

/** Prints the log as it is now. */
export async function printLogs(options: LogOptions): Promise<void> {
  const { signal, stdout, minimumLevel, last } = options;
  const tracker = new RunTracker();
  await converse(async (client) => {
    // After a connection that was lost only what is missing.
    const request = { minimumLevel, last: tracker.sequence === 0 ? last : 0, after: tracker.sequence };
    for await (const entry of client.streamLogs(request, signal)) await print(entry, tracker, stdout);
  }, options);
}

/** Prints the log and what comes, through lost connections and restarts of the installer; until the signal. */
export async function followLogs(options: LogOptions): Promise<never> {
  const { machine, clock, signal, stdout, minimumLevel } = options;
  const tracker = new RunTracker();
  let { last } = options;
  return converse(async (client) => {
    if (tracker.observe(await client.getStatus(signal), clock.monotonicMs()))
      await writeOutput(stdout, "(the installer has started anew)\n");
    const request = { follow: true, minimumLevel, last, after: tracker.sequence };
    for await (const entry of client.streamLogs(request, signal)) {
      last = 0;
      await print(entry, tracker, stdout);
    }
    throw streamEnded(machine.address);
  }, options);
}

async function print(entry: LogEntry, tracker: RunTracker, stdout: Writable): Promise<void> {
  tracker.advance(entry.sequence);
  await writeOutput(stdout, formatEntry(entry));
}
