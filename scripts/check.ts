import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { performance } from "node:perf_hooks";

import packageJson from "../package.json" with { type: "json" };
import { ROOT } from "./lib/paths.ts";

/** Runs every `check:*` script of package.json, as many at a time as there are processors, and shows what failed. */
interface Outcome {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly output: string;
}

const CHECKS = Object.entries(packageJson.scripts).filter(([name]) => name.startsWith("check:"));

function runCheck(name: string, commandLine: string): Promise<Outcome> {
  const start = performance.now();
  // npm has put node_modules/.bin on PATH; the command lines are those of package.json, never outside input.
  const child = spawn("sh", ["-c", commandLine], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({ name, ok: code === 0, seconds: (performance.now() - start) / 1000, output }),
    );
  });
}

const waiting = [...CHECKS];
const outcomes: Outcome[] = [];

async function worker(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const outcome = await runCheck(...next);
    outcomes.push(outcome);
    console.log(`${outcome.ok ? "ok    " : "FAILED"} ${outcome.name} (${outcome.seconds.toFixed(1)} s)`);
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, worker));
for (const { name, ok, output } of outcomes) {
  if (!ok) console.log(`\n--- ${name}\n${output.trimEnd()}`);
}
process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1;
