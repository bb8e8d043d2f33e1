import type { Step, StepContext } from "../engine/step.ts";
import { withoutBootedMedium } from "../storage/drives/drive-use.ts";
import type { Drive } from "../storage/drives/drives.ts";
import { findDrives } from "../storage/drives/find-drives.ts";
import { parseDriveSelection, selectDrives } from "../storage/drives/select-drives.ts";
import type { InstallOptions } from "./install-options.ts";
import { storageEnvironment } from "./storage-environment.ts";

/** The drives to install to, the boot drive first: all of them in bus order, or what the drive selector says. */
export const findTargetDrives: Step<InstallOptions, readonly [Drive, ...Drive[]]> = {
  id: "find-drives",
  title: "Find the drives",
  destructive: false,
  async run(options, context) {
    const found = await findDrives(options.sysfsDirectory, { files: context.host.files, log: context.log });
    const ownRoots = [options.mountPoint, options.tmpRoot];
    const usable = await withoutBootedMedium(found, ownRoots, storageEnvironment(options, context));
    const names = await runDriveSelector(options.driveSelector, usable, context);
    const selected = selectDrives(usable, names);
    context.log.info(`selected drives: ${selected.map(({ name }) => name).join(" ")}`);
    return selected;
  },
};

/** What the operator's program chose; undefined when there is none to ask (spec/configuration.md section 10). */
async function runDriveSelector(
  program: string,
  drives: readonly Drive[],
  { host, log, signal }: StepContext,
): Promise<readonly string[] | undefined> {
  if (drives.length === 0) return undefined;
  if (program === "") {
    log.info("no drive selector: using all usable drives");
    return undefined;
  }
  const { stdout } = await host.commands.run(
    { program, args: drives.map(({ name }) => name), changesNothing: true },
    signal,
  );
  return parseDriveSelection(stdout);
}
