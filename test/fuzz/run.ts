/**
 * Mutation fuzzing: `npm run fuzz -- [--runs N] [--seed S] [--target NAME]`. `--runs` counts the inputs of all targets
 * together (default one million). Prints the seed, and for a failure the input in hex; exit code 1 then.
 */
import { parseArgs } from "node:util";
import type { FuzzTarget } from "./target.ts";
import { FUZZ_TARGETS } from "./targets.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    target: { type: "string" },
  },
});

const targets = FUZZ_TARGETS.filter(({ name }) => values.target === undefined || name === values.target);
const runs = Math.ceil(Number(values.runs) / targets.length);
const seed = Number(values.seed);
if (!Number.isSafeInteger(runs) || !Number.isSafeInteger(seed)) {
  console.error("usage: npm run fuzz -- [--runs N] [--seed S] [--target NAME]");
  process.exitCode = 2;
} else {
  for (const target of targets) if (!(await survives(target))) process.exitCode = 1;
}

async function survives(target: FuzzTarget): Promise<boolean> {
  console.log(`${target.name}: ${runs} inputs, seed ${seed}`);
  const started = performance.now();
  const failure = await target.run({ runs, seed });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (failure === undefined) {
    console.log(`${target.name}: no failure in ${seconds} s`);
    return true;
  }
  console.log(`${target.name}: FAILED at input ${failure.run} (seed ${seed}): ${failure.what}`);
  console.log(`input: ${Buffer.from(failure.input).toString("hex")}`);
  return false;
}
