import type { Step } from "../engine/step.ts";
import { proveNotInUse } from "../storage/drives/drive-use.ts";
import { drivesOf, type StoragePlan } from "../storage/plan/plan.ts";
import type { InstallOptions } from "./install-options.ts";
import { storageEnvironment } from "./storage-environment.ts";

export interface StoragePlanInput {
  readonly options: InstallOptions;
  readonly plan: StoragePlan;
}

/** The last check before the first change: nobody uses the target drives. */
export const proveDrivesIdle: Step<StoragePlanInput, void> = {
  id: "prove-drives-idle",
  title: "Check that the drives are not in use",
  destructive: false,
  async run({ options, plan }, context) {
    await proveNotInUse(drivesOf(plan), storageEnvironment(options, context, options.tmpRoot));
  },
};
