/**
 * Measures what watchers cost and prints a Measurement as JSON; ends early when its standard input does. A process of
 * its own, so that nothing else is in it but what is in the daemon. Argument: a directory for logs.
 */
import { type Endurance, endureWatchers } from "./endure-watchers.ts";
import { type Comparison, compareWatched } from "./measure-watchers.ts";
import { WatchedInstallation } from "./watched-installation.ts";

export interface Measurement {
  readonly comparison: Comparison;
  readonly endurance: Endurance;
}

/** For how long somebody has to be stuck in a shell, in all. */
const STUCK_MS = 60_000;

const [, , directory = ""] = process.argv;
const stopping = new AbortController();
process.stdin.once("end", () => stopping.abort(new Error("stopped"))).resume();
{
  await using machine = await WatchedInstallation.open(directory);
  const comparison = await compareWatched(machine, (text) => console.error(text), stopping.signal);
  const endurance = await endureWatchers(machine, STUCK_MS - comparison.stuckMs, stopping.signal);
  const measurement: Measurement = { comparison, endurance };
  console.log(JSON.stringify(measurement));
}
process.stdin.destroy();
