import type { Step } from "../engine/step.ts";
import { unmountTarget } from "../storage/target/unmount.ts";
import type { StoragePlanInput } from "./prove-drives-idle.step.ts";
import { storageEnvironment } from "./storage-environment.ts";

/** Unmounts the finished system; lost writes surface here. */
export const unmountNewSystem: Step<StoragePlanInput, void> = {
  id: "unmount-target",
  title: "Unmount the new system",
  destructive: true,
  async run({ options, plan }, context) {
    await unmountTarget(plan, options.mountPoint, storageEnvironment(options, context, options.tmpRoot));
  },
};
