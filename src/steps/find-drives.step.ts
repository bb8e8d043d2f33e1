import type { Step, StepContext } from "../engine/step.ts";
import type { Drive } from "../storage/drives/drives.ts";
import { inspectDrives, withContents } from "../storage/drives/inspect-drives.ts";
import { formatDeclaration, selectDeclared } from "../storage/drives/select-declared.ts";
import { parseDriveSelection, selectDrives } from "../storage/drives/select-drives.ts";
import { decideSelectionRule, type SelectionRule } from "../storage/drives/selection-rule.ts";
import { type DriveReport, usableDrives } from "../storage/drives/survey-drives.ts";
import type { StorageEnvironment } from "../storage/environment.ts";
import type { StorageLayout } from "../storage/plan/layout.ts";
import type { InstallOptions } from "./install-options.ts";
import { runPlugIn } from "./run-plug-in.ts";
import { storageEnvironment } from "./storage-environment.ts";

export interface FindDrivesInput {
  readonly options: InstallOptions;
  readonly layout: Pick<StorageLayout, "bootDrive" | "dataDrives">;
}

/** The drives to install to, the boot drive first: what layout or drive selector say, else all of them in bus order. */
export const findTargetDrives: Step<FindDrivesInput, readonly [Drive, ...Drive[]]> = {
  id: "find-drives",
  title: "Find the drives",
  destructive: false,
  async run({ options, layout }, context) {
    const rule = decideSelectionRule(layout, options.driveSelector);
    const environment = storageEnvironment(options, context);
    const reports = await inspectDrives([options.mountPoint, options.tmpRoot], environment);
    const selected = await select(rule, reports, context, environment);
    context.log.info(`selected drives: ${selected.map(({ name }) => name).join(" ")}`);
    return selected;
  },
};

async function select(
  rule: SelectionRule,
  reports: readonly DriveReport[],
  context: StepContext,
  environment: StorageEnvironment,
): Promise<readonly [Drive, ...Drive[]]> {
  const usable = usableDrives(reports);
  switch (rule.kind) {
    case "all":
      if (usable.length > 0) context.log.info("no drive selector: using all usable drives");
      return selectDrives(usable, undefined);
    case "program":
      return selectDrives(usable, await runDriveSelector(rule.program, usable, context));
    case "declared": {
      context.log.info(`drives are selected by storage-layout.json: ${formatDeclaration(rule)}`);
      return selectDeclared(reports, rule, await findMembers(reports, environment));
    }
  }
}

/** What the operator's program chose; undefined when there is nothing to choose from (spec/configuration.md section 10). */
async function runDriveSelector(
  program: string,
  drives: readonly Drive[],
  context: StepContext,
): Promise<readonly string[] | undefined> {
  if (drives.length === 0) return undefined;
  context.log.info(`drives are selected by ${program}`);
  const args = drives.map(({ name }) => name);
  const plugIn = {
    role: "drive selector",
    program,
    args,
    environment: "inherited",
    changesNothing: true,
  } as const;
  const { stdout } = await runPlugIn(plugIn, context);
  return parseDriveSelection(stdout);
}

/** The usable drives that are part of something larger, with what that is. */
async function findMembers(
  reports: readonly DriveReport[],
  environment: StorageEnvironment,
): Promise<ReadonlyMap<string, string>> {
  const members = new Map<string, string>();
  for (const report of reports.filter(({ reason }) => reason === undefined)) {
    const { memberOf } = await withContents(report, environment);
    if (memberOf !== undefined) members.set(report.name, memberOf);
  }
  return members;
}
