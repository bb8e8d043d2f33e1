import type { Step } from "../engine/step.ts";
import { orMakeUnbootable } from "../storage/boot/make-unbootable.ts";
import { unmountTarget } from "../storage/target/unmount.ts";
import type { StoragePlanInput } from "./prove-drives-idle.step.ts";
import { storageEnvironment } from "./storage-environment.ts";

/** Unmounts the finished system; lost writes surface here. */
export const unmountNewSystem: Step<StoragePlanInput, void> = {
  id: "unmount-target",
  title: "Unmount the new system",
  destructive: true,
  async run({ options, plan }, context) {
    const environment = storageEnvironment(options, context, options.tmpRoot);
    await orMakeUnbootable(plan, environment, () => unmountTarget(plan, options.mountPoint, environment));
  },
};
