/**
 * Measures what watchers cost and prints a Measurement as JSON; ends early when its standard input does. A process of
 * its own, so that nothing else is in it but what is in the daemon. Argument: a directory for logs.
 */
import { type Comparison, compareWatched, type Endurance, endureWatchers } from "./measure-watchers.ts";
import { WatchedInstallation } from "./watched-installation.ts";

export interface Measurement {
  readonly comparison: Comparison;
  readonly endurance: Endurance;
}

const [, , directory = ""] = process.argv;
const stopping = new AbortController();
process.stdin.once("end", () => stopping.abort(new Error("stopped"))).resume();
{
  await using machine = await WatchedInstallation.open(directory);
  const comparison = await compareWatched(machine, (text) => console.error(text), stopping.signal);
  const endurance = await endureWatchers(machine, stopping.signal);
  const measurement: Measurement = { comparison, endurance };
  console.log(JSON.stringify(measurement));
}
process.stdin.destroy();
