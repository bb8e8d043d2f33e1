import { globSync } from "node:fs";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";

import type { Benchmark, Contender } from "./benchmark.ts";

const DEFAULT_ROUNDS = 5;

/** Runs the benchmarks of every `*.bench.ts` beside this file whose name contains one of the arguments. */
async function main(wanted: readonly string[]): Promise<void> {
  for (const file of globSync("*.bench.ts", { cwd: import.meta.dirname }).toSorted()) {
    const module: { readonly benchmarks: readonly Benchmark[] } = await import(
      pathToFileURL(path.join(import.meta.dirname, file)).href
    );
    for (const benchmark of module.benchmarks) {
      if (wanted.length === 0 || wanted.some((word) => benchmark.name.includes(word)))
        await measure(benchmark);
    }
  }
}

/** Both ways take turns, so that a machine that gets slower meanwhile slows both down. */
async function measure(benchmark: Benchmark): Promise<void> {
  const { rounds = DEFAULT_ROUNDS } = benchmark;
  await benchmark.prepare?.();
  const baseline: number[] = [];
  const ours: number[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      baseline.push(await timed(benchmark.baseline));
      ours.push(await timed(benchmark.ours));
    }
  } finally {
    await benchmark.cleanUp?.();
  }
  const ratio = median(baseline) / median(ours);
  const sides = `${benchmark.ours.name} ${median(ours).toFixed(1)} ms, ${benchmark.baseline.name} ${median(baseline).toFixed(1)} ms`;
  console.log(`${benchmark.name}: ${ratio.toFixed(2)} times as fast (${sides}, medians of ${rounds})`);
}

async function timed(contender: Contender): Promise<number> {
  await contender.before?.();
  const start = performance.now();
  await contender.run();
  const durationMs = performance.now() - start;
  await contender.after?.();
  return durationMs;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

await main(process.argv.slice(2));
