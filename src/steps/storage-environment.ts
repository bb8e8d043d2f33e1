import type { StepContext } from "../engine/step.ts";
import type { StorageEnvironment } from "../storage/environment.ts";
import type { InstallOptions } from "./install-options.ts";

/** What the storage functions work with; `toolsRoot` absent while the tools are not unpacked yet. */
export function storageEnvironment(
  options: Pick<InstallOptions, "sysfsDirectory" | "procDirectory">,
  { host, log, signal }: StepContext,
  toolsRoot?: string,
): StorageEnvironment {
  const { commands, files, mounts, clock } = host;
  const { sysfsDirectory, procDirectory } = options;
  return { commands, files, mounts, clock, log, signal, toolsRoot, sysfsDirectory, procDirectory };
}
