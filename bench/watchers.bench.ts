import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { type Crowd, FIFTY_WATCHERS, STUCK_SHELL } from "../test/integration/support/crowds.ts";
import { WatchedInstallation } from "../test/integration/support/watched-installation.ts";
import type { Benchmark } from "./benchmark.ts";

const ROUNDS = 15;

/**
 * Installations that somebody watches on port 6978 against the same with nobody there: nothing that watches slows an
 * installation down. Needs root and scripts/build-debian-image; `unshare --mount npm run bench -- watchers` where other
 * programs make mount namespaces, which would keep the drive busy. With TMPDIR on a tmpfs the drive costs no time.
 */
export const benchmarks: readonly Benchmark[] = [
  watchersBenchmark("watchers: a shell that does not read", STUCK_SHELL),
  watchersBenchmark("watchers: fifty", FIFTY_WATCHERS),
];

function watchersBenchmark(name: string, crowd: Crowd): Benchmark {
  let directory = "";
  let machine: WatchedInstallation | undefined;
  const install = async (): Promise<void> => {
    await machine?.install();
  };
  const leave = async (): Promise<void> => {
    await machine?.close();
  };
  const come = async (): Promise<void> => machine?.open(crowd);
  return {
    name,
    rounds: ROUNDS,
    prepare: async () => {
      directory = mkdtempSync(path.join(tmpdir(), "installer-bench-"));
      machine = await WatchedInstallation.open(directory);
      await install();
    },
    cleanUp: async () => {
      await machine?.[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    },
    baseline: {
      name: "nobody watches",
      // They come and go, so that what that costs is no difference.
      before: async () => {
        await come();
        await leave();
      },
      run: install,
    },
    ours: { name: "watched", before: come, run: install, after: leave },
  };
}
