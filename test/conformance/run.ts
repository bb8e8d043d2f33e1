/**
 * Runs the golden data of the original against this program: `npm run conformance -- DIR [--set NAME]`.
 *
 * Prints one line for each failing case, a summary of each set, how many cases used which deliberate difference (see
 * docs/differences.md), and `N passed, M failed`. Exit code 1 when a case failed or none ran, 2 for wrong usage.
 */
import { stat } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Report } from "./report.ts";
import { CONFORMANCE_SETS } from "./sets.ts";

const print = (line: string): void => console.log(line);

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { set: { type: "string", multiple: true } },
  });
  const [directory] = positionals;
  if (directory === undefined || positionals.length !== 1 || !(await isDirectory(directory)))
    return usage("the directory of the vectors is missing");
  const wanted = values.set ?? CONFORMANCE_SETS.map((set) => set.name);
  const unknown = wanted.find((name) => !CONFORMANCE_SETS.some((set) => set.name === name));
  if (unknown !== undefined) return usage(`there is no set ${unknown}`);
  return runSets(directory, wanted);
}

async function runSets(directory: string, wanted: readonly string[]): Promise<number> {
  const total = { passed: 0, failed: 0, rules: new Map<string, number>() };
  for (const set of CONFORMANCE_SETS) {
    if (!wanted.includes(set.name)) continue;
    const report = new Report((line) => print(`${set.name}: ${line}`));
    await set.run(directory, report).catch((error: unknown) => {
      report.fail(
        "the set as a whole",
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      );
    });
    print(`${set.name}: ${report.passed} passed, ${report.failed} failed`);
    total.passed += report.passed;
    total.failed += report.failed;
    for (const [rule, count] of report.rules) total.rules.set(rule, (total.rules.get(rule) ?? 0) + count);
  }
  for (const [rule, count] of [...total.rules].sort(([a], [b]) => a.localeCompare(b)))
    print(`${rule}: applied to ${count} cases`);
  print(`${total.passed} passed, ${total.failed} failed`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isDirectory(),
    () => false,
  );
}

function usage(problem: string): number {
  const names = CONFORMANCE_SETS.map((set) => set.name).join("|");
  console.error(`${problem}\nusage: npm run conformance -- DIR [--set ${names}]`);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
