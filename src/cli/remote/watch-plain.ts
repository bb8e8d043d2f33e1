import type { Writable } from "node:stream";
import { InstallerError } from "../../core/errors.ts";
import { Outcome } from "../../rpc/generated/installer.js";
import { writeOutput } from "../write-output.ts";
import { type ConversationOptions, converse } from "./converse.ts";
import { createRemoteConsole } from "./events.ts";
import { RunTracker } from "./run-tracker.ts";

export interface WatchPlainOptions extends ConversationOptions {
  readonly stdout: Writable;
  /** Go on after the end of the installation, through restarts. */
  readonly follow: boolean;
}

/**
 * Prints what happens, line by line, from the beginning of the run; for pipes, files and simple terminals. Resolves
 * with how the installation came out.
 */
export async function watchPlain(options: WatchPlainOptions): Promise<Outcome> {
  const { machine, clock, signal, stdout, follow } = options;
  const tracker = new RunTracker();
  let text = "";
  const write = (line: string): void => void (text += line);
  let show = createRemoteConsole(write);
  const flush = async (): Promise<void> => {
    const written = text;
    text = "";
    if (written !== "") await writeOutput(stdout, written);
  };
  return converse(async (client) => {
    if (tracker.observe(await client.getStatus(signal), clock.monotonicMs())) {
      write("(the installer has started anew)\n");
      show = createRemoteConsole(write);
    }
    for await (const event of client.watchEvents({ after: tracker.sequence }, signal)) {
      tracker.advance(event.sequence);
      show(event);
      await flush();
      if (event.runEnded !== undefined && !follow) return event.runEnded.outcome;
    }
    throw streamEnded(machine.address);
  }, options);
}

/** Streams that follow end only with their connection. */
export function streamEnded(address: string): InstallerError {
  return new InstallerError("E_CONNECTION_LOST", `reading from ${address}: the connection was lost`);
}

/** Whether an installation is over. */
export function isOver(outcome: Outcome): boolean {
  return outcome === Outcome.OUTCOME_SUCCEEDED || outcome === Outcome.OUTCOME_FAILED;
}
