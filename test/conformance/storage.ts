import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { hasCode, messageChain } from "../../src/core/errors.ts";
import type { ConformanceSet, Report } from "./report.ts";
import { compareOutcome } from "./storage-compare.ts";
import { caseOf, type Expectation, expectationOf } from "./storage-expectation.ts";
import { loadImages, type RecordedImages } from "./storage-images.ts";
import { applyRules } from "./storage-rules.ts";
import { installVector, type Outcome } from "./storage-run.ts";
import { fitDrives, isTooSmall, withLargeDrives } from "./storage-sizes.ts";
import { parseStorageVector, type StorageExpectation, type StorageVector } from "./storage-vector.ts";

/**
 * The set "storage" (vectors/storage/INDEX.md): the whole installation on a machine in memory. What is compared is what the
 * commands, mounts and files mean, after the deliberate differences have been applied to the original's.
 */
export const storageSet: ConformanceSet = {
  name: "storage",
  async run(vectorDirectory, report) {
    const directory = join(vectorDirectory, "storage");
    const files = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith(".json")).sort();
    if (files.length === 0) return;
    const images = await loadImages(join(directory, "images"));
    for (const damage of images.damaged) report.fail("images", damage);
    for (const file of files)
      await report.check(file.slice(0, -".json".length), async () => {
        const parsed = parseStorageVector(await readFile(join(directory, file), "utf8"));
        return typeof parsed === "string" ? parsed : checkStorageVector(parsed, images, report);
      });
  },
};

/** Why our installation is not what the vector says; rules that were used go into the report. */
export async function checkStorageVector(
  vector: StorageVector,
  images: RecordedImages,
  report: Pick<Report, "applyRule">,
): Promise<string | undefined> {
  const alternatives = vector.expectedAnyOf ?? (vector.expected === undefined ? [] : [vector.expected]);
  const reasons: string[] = [];
  for (const recorded of alternatives) {
    const { why, rules } = await checkAlternative(vector, recorded, images);
    if (why === undefined) {
      for (const rule of rules) report.applyRule(rule);
      return undefined;
    }
    reasons.push(why);
  }
  return reasons.join("; or ");
}

interface Verdict {
  readonly why: string | undefined;
  readonly rules: readonly string[];
}

async function checkAlternative(
  vector: StorageVector,
  recorded: StorageExpectation,
  images: RecordedImages,
): Promise<Verdict> {
  const expectation = expectationOf(recorded);
  const rules = applyRules(expectation, caseOf(vector, recorded, images.images));
  if (recorded.crash !== undefined && expectation.error === undefined)
    return { why: `no rule says what a correct program does instead of crashing`, rules };
  const drive = expectation.meaning && isTooSmall(vector, recorded, expectation.meaning);
  const machine = machineFor(vector, recorded, expectation);
  if (expectation.hasLargeDrives) expectation.log = withoutFound(expectation.log);
  if (drive === undefined)
    return { why: compareOutcome(await installVector(machine, images), expectation), rules };
  return checkTooSmall(vector, { ...expectation }, images, [...rules, "R-STO-FITS"], drive);
}

function machineFor(
  vector: StorageVector,
  recorded: StorageExpectation,
  expectation: Expectation,
): StorageVector {
  const { failingCommands: _failing, ...working } = vector;
  const machine = expectation.isNothingMadeToFail ? working : vector;
  const bootDrive = recorded.selected?.[0] ?? expectation.driveOrder?.[0];
  return expectation.hasLargeDrives ? withLargeDrives(machine, bootDrive) : machine;
}

/** The original does not look whether the layout fits. This program refuses; on a larger drive it does the same. */
async function checkTooSmall(
  vector: StorageVector,
  expectation: Expectation,
  images: RecordedImages,
  rules: readonly string[],
  drive: { readonly name: string; readonly neededSectors: number },
): Promise<Verdict> {
  const refused = await installVector(vector, images);
  if (!hasCode(refused.error, "E_DRIVE_TOO_SMALL"))
    return {
      why: `does not refuse a drive that lacks ${drive.neededSectors} sectors: ${describeEnd(refused)}`,
      rules,
    };
  if (refused.events.making.length > 0) return { why: "changes a drive that is too small", rules };
  const outcome = await installVector(fitDrives(vector, drive), images);
  // What was found is told by the first run: the second has another drive.
  return {
    why: compareOutcome({ ...outcome, log: [...withoutFound(outcome.log), ...refused.log] }, expectation),
    rules,
  };
}

function describeEnd({ error }: Outcome): string {
  return error === undefined ? "installs" : messageChain(error);
}

function withoutFound(log: readonly string[]): readonly string[] {
  return log.filter((line) => !line.startsWith("found: "));
}
