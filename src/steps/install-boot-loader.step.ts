import { messageChain } from "../core/errors.ts";
import type { Step } from "../engine/step.ts";
import { renderKernelOptions } from "../storage/boot/boot-info.ts";
import { installBootLoader } from "../storage/boot/boot-loader.ts";
import { renderKexecLoad } from "../storage/boot/kexec.ts";
import { bootDriveVolumes } from "../storage/plan/plan.ts";
import type { InstallOptions } from "./install-options.ts";
import type { TargetPlan } from "./plan-storage.step.ts";
import { storageEnvironment } from "./storage-environment.ts";

export interface BootLoaderInput {
  readonly options: InstallOptions;
  readonly target: TargetPlan;
  readonly useKexec: boolean;
}

/** Makes the boot drive bootable: the last change, after everything else is safely on it. */
export const installTargetBootLoader: Step<BootLoaderInput, void> = {
  id: "install-boot-loader",
  title: "Install the boot loader",
  destructive: true,
  async run({ options, target, useKexec }, context) {
    const { host, log, signal } = context;
    const { kernel, initrd } = target.boot;
    const root = bootDriveVolumes(target.storage).find(({ purpose }) => purpose === "root");
    const architecture = process.arch === "arm64" ? "arm64" : "amd64";
    const kernelOptions = renderKernelOptions(root?.fileSystem.label ?? "rootfs", architecture, "");
    await installBootLoader(
      {
        plan: target.storage,
        targetRoot: options.mountPoint,
        architecture,
        entry: { kernel, kernelOptions, initrd },
      },
      storageEnvironment(options, context, options.tmpRoot),
    );
    if (!useKexec) return;
    try {
      await host.commands.run(
        renderKexecLoad(options.mountPoint, { kernel, initrd, options: kernelOptions }),
        signal,
      );
    } catch (error) {
      signal.throwIfAborted();
      log.error(`loading the new kernel for kexec: ${messageChain(error)}`);
    }
  },
};
