import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

import type { Benchmark } from "./benchmark.ts";

const ROOT = path.resolve(import.meta.dirname, "..");
const run = promisify(execFile);

/** The single binary against the same sources run by Node. */
export const benchmarks: readonly Benchmark[] = [
  {
    name: "start-up of --help",
    baseline: {
      name: "node src/main.ts",
      run: async () => {
        await run(process.execPath, [path.join(ROOT, "src/main.ts"), "--help"]);
      },
    },
    ours: {
      name: "dist/installer",
      run: async () => {
        await run(path.join(ROOT, "dist/installer"), ["--help"]);
      },
    },
  },
];
