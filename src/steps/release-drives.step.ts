import type { Step } from "../engine/step.ts";
import { drivesOf } from "../storage/plan/plan.ts";
import { readReleasePlan, releaseDrives } from "../storage/release/release-drives.ts";
import type { StoragePlanInput } from "./prove-drives-idle.step.ts";
import { storageEnvironment } from "./storage-environment.ts";

/**
 * Takes down what an old system or an earlier attempt holds the target drives with: swap, left-over mounts, arrays,
 * volumes. Nothing on the drives is erased by it; the plan step has shown what it will be.
 */
export const releaseTargetDrives: Step<StoragePlanInput, void> = {
  id: "release-drives",
  title: "Release the drives",
  destructive: false,
  async run({ options, plan }, context) {
    const environment = storageEnvironment(options, context, options.tmpRoot);
    const ownRoots = [options.mountPoint, options.tmpRoot];
    const release = await readReleasePlan(drivesOf(plan), ownRoots, environment);
    for (const warning of release.warnings) context.log.warn(warning);
    await releaseDrives(release, environment);
  },
};
