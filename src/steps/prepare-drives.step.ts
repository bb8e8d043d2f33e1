import { availableParallelism } from "node:os";
import type { Step } from "../engine/step.ts";
import { prepareDrives } from "../storage/make/prepare-drives.ts";
import type { StoragePlanInput } from "./prove-drives-idle.step.ts";
import { storageEnvironment } from "./storage-environment.ts";

/** Erases, partitions and formats the drives; results in the names of those that took a discard. */
export const prepareTargetDrives: Step<StoragePlanInput, ReadonlySet<string>> = {
  id: "prepare-drives",
  title: "Partition and format the drives",
  destructive: true,
  async run({ options, plan }, context) {
    const environment = storageEnvironment(options, context, options.tmpRoot);
    return prepareDrives(plan, environment, availableParallelism());
  },
};
