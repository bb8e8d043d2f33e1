import { messageChain } from "../core/errors.ts";
import type { Step, StepContext } from "../engine/step.ts";
import { archiveEtc, OLD_ETC_ARCHIVE } from "../storage/oldroot/etc-archive.ts";
import { withOldRoot } from "../storage/oldroot/old-root.ts";
import type { StoragePlan } from "../storage/plan/plan.ts";
import { INSTALLER_LOG_DIRECTORY, type InstallOptions } from "./install-options.ts";
import type { ObjectCache } from "./reuse-objects.step.ts";
import { oldRootTimeLimitMs, scanOldRoot } from "./scan-old-root.ts";
import { storageEnvironment } from "./storage-environment.ts";

export interface ReuseOldRootInput {
  readonly options: InstallOptions;
  readonly plan: StoragePlan;
  readonly cache: ObjectCache;
}

/**
 * Takes what is missing from the system that is about to be replaced, and keeps its `/etc`. Nothing on the drive changes, and
 * nothing about an old disk is a reason not to install: all of it can be downloaded.
 */
export const reuseOldRoot: Step<ReuseOldRootInput, void> = {
  id: "reuse-old-root",
  title: "Re-use objects of the old system",
  destructive: false,
  async run({ options, plan, cache }, context) {
    const missing = await cache.store.missing(cache.wanted.keys());
    if (missing.size === 0) return;
    const environment = storageEnvironment(options, context);
    const { host, log, progress, signal } = context;
    try {
      const found = await withOldRoot(plan, environment, async ({ path }) => {
        progress.start("bytes");
        const missingBytes = [...missing].reduce((sum, id) => sum + (cache.wanted.get(id) ?? 0), 0);
        const deadline = AbortSignal.timeout(oldRootTimeLimitMs(missingBytes));
        const onRead = (bytes: number): void => progress.advance(bytes);
        await scanOldRoot({ root: path, cache, missing, files: host.files, log, signal, deadline, onRead });
        await keepOldEtc(path, context);
      });
      if (!found) log.debug(0, "no old root on the boot drive");
    } catch (error) {
      signal.throwIfAborted();
      log.warn(`could not use the old system, going on without it: ${messageChain(error)}`);
    }
  },
};

async function keepOldEtc(root: string, { host, log, signal }: StepContext): Promise<void> {
  const archivePath = `${INSTALLER_LOG_DIRECTORY}/${OLD_ETC_ARCHIVE}`;
  try {
    await archiveEtc({ root, archivePath }, { files: host.files, log, signal });
  } catch (error) {
    signal.throwIfAborted();
    log.warn(`could not keep the old /etc: ${messageChain(error)}`);
  }
}
