import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { messageChain } from "../../src/core/errors.ts";
import { type BootExpectation, expectBoot } from "./boot-rules.ts";
import { type BootOutcome, runBootVector } from "./boot-run.ts";
import { type BootVector, bootVector } from "./boot-vector.ts";
import { grubStatements } from "./grub-statements.ts";
import type { ConformanceSet, Report } from "./report.ts";
import { parseVector } from "./vector-text.ts";

/** The set "boot" (vectors/boot/INDEX.md): what is in /boot decides what the boot loader is told. */
export const bootSet: ConformanceSet = {
  name: "boot",
  async run(vectorDirectory, report) {
    const directory = join(vectorDirectory, "boot");
    const files = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith(".json")).sort();
    for (const file of files)
      await report.check(file.slice(0, -".json".length), async () => {
        const parsed = parseVector(bootVector, await readFile(join(directory, file), "utf8"));
        return typeof parsed === "string" ? parsed : checkBootVector(parsed, report);
      });
  },
};

/** Why ours is not what the vector says; rules that were used go into the report. */
export async function checkBootVector(
  vector: BootVector,
  report: Pick<Report, "applyRule">,
): Promise<string | undefined> {
  const { expectation, rules } = expectBoot(vector);
  if (vector.expected.crash !== undefined && !expectation.isRefused)
    return "no rule says what a correct program does instead of crashing";
  const why = compare(await runBootVector(vector, expectation.isEfi), expectation);
  if (why === undefined) for (const rule of rules) report.applyRule(rule);
  return why;
}

function compare(outcome: BootOutcome, expectation: BootExpectation): string | undefined {
  return (
    compareInfo(outcome, expectation) ??
    compareCommand(outcome, expectation) ??
    compareFiles(outcome, expectation)
  );
}

function compareInfo(
  { files, filesError, refusal, kernelOptions }: BootOutcome,
  { info, infoError, isRefused }: BootExpectation,
): string | undefined {
  if (infoError !== undefined) {
    const message = filesError === undefined ? "no error" : messageChain(filesError);
    return message.includes(infoError) ? undefined : `${message}, expected ${infoError}`;
  }
  if (filesError !== undefined) return messageChain(filesError);
  const found = { kernel: files?.kernel ?? "", initrd: files?.initrd ?? "", kernelOptions };
  if (info !== undefined && !isDeepStrictEqual(found, { ...info }))
    return `${JSON.stringify(found)}, expected ${JSON.stringify(info)}`;
  if (isRefused === (refusal !== undefined)) return undefined;
  return isRefused ? "an image that cannot boot is not refused" : messageChain(refusal);
}

function compareCommand(
  { commands, error }: BootOutcome,
  { command, error: expectedError }: BootExpectation,
): string | undefined {
  const expected = command === undefined ? [] : [command];
  if (!isDeepStrictEqual(commands.map(sorted), expected.map(sorted)))
    return `runs ${JSON.stringify(commands)}, expected ${JSON.stringify(expected)}; ${messageChain(error)}`;
  if (expectedError === undefined) return error === undefined ? undefined : messageChain(error);
  const message = error === undefined ? "no error" : messageChain(error);
  return message.includes(expectedError) ? undefined : `${message}, expected ${expectedError}`;
}

function sorted(facts: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(facts).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function compareFiles(
  { texts, kernelOptions }: BootOutcome,
  { files, isConfigUnknown }: BootExpectation,
): string | undefined {
  for (const path of new Set([...Object.keys(texts), ...Object.keys(files)])) {
    const [ours, theirs] = [texts[path], files[path]];
    if (isConfigUnknown && theirs === undefined && path.startsWith("boot/")) continue;
    const isConfig = path.startsWith("boot/");
    const [got, expected] = isConfig ? [ours, theirs].map(grubStatements) : [ours, theirs];
    if (got !== expected) return `${path}: ${JSON.stringify(got)}, expected ${JSON.stringify(expected)}`;
  }
  if (!isConfigUnknown) return undefined;
  const config = Object.entries(texts).find(([path]) => path.endsWith("/grub.cfg"))?.[1] ?? "";
  return config.includes(kernelOptions) ? undefined : `grub.cfg: ${JSON.stringify(config)}`;
}
