import { messageChain } from "../core/errors.ts";
import type { Step, StepContext } from "../engine/step.ts";
import { renderKernelOptions } from "../storage/boot/boot-info.ts";
import { installBootLoader } from "../storage/boot/boot-loader.ts";
import { type Consoles, chooseConsoles } from "../storage/boot/consoles.ts";
import type { GrubEntry } from "../storage/boot/grub-config.ts";
import { renderKexecLoad } from "../storage/boot/kexec.ts";
import { orMakeUnbootable } from "../storage/boot/make-unbootable.ts";
import { registerBootEntry } from "../storage/boot/register-boot-entry.ts";
import { bootDriveVolumes, mountSource } from "../storage/plan/plan.ts";
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
    const { kernel, initrd } = target.boot;
    const plan = target.storage;
    const environment = storageEnvironment(options, context, options.tmpRoot);
    const root = bootDriveVolumes(plan).find(({ purpose }) => purpose === "root");
    const architecture = process.arch === "arm64" ? "arm64" : "amd64";
    const commandLine = await readCommandLine(options.procDirectory, context);
    const consoles = chooseConsoles(commandLine, architecture);
    const rootSource = root === undefined ? "LABEL=rootfs" : mountSource(root.fileSystem);
    const kernelOptions = renderKernelOptions(rootSource, architecture, "", consoles.kernel);
    const entry: GrubEntry = { kernel, kernelOptions, initrd };
    await orMakeUnbootable(plan, environment, async () => {
      const { serial } = consoles;
      const targetRoot = options.mountPoint;
      await installBootLoader({ plan, targetRoot, architecture, entry, serial }, environment);
      await registerBootEntry(plan, architecture, options.efiBootEntry, environment);
      if (useKexec) await loadForKexec(targetRoot, entry, consoles, context);
    });
  },
};

/** Empty when there is none: the consoles are then the default ones, which is no reason to fail this late. */
async function readCommandLine(procDirectory: string, { host, log }: StepContext): Promise<string> {
  try {
    return await host.files.readText(`${procDirectory}/cmdline`);
  } catch (error) {
    log.warn(`the consoles of the new system are the default ones: ${messageChain(error)}`);
    return "";
  }
}

/** A failure is only logged: the restart then goes by firmware (spec/lifecycle.md section 10). */
async function loadForKexec(
  targetRoot: string,
  { kernel, initrd, kernelOptions: options }: GrubEntry,
  { serial }: Consoles,
  { host, log, signal }: StepContext,
): Promise<void> {
  try {
    await host.commands.run(renderKexecLoad(targetRoot, { kernel, initrd, options }, serial), signal);
  } catch (error) {
    signal.throwIfAborted();
    log.error(`loading the new kernel for kexec: ${messageChain(error)}`);
  }
}
