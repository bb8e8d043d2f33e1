import type { Configuration, TargetConfiguration } from "../config/read-configuration.ts";
import { InstallerError } from "../core/errors.ts";
import type { RunStep } from "../engine/step.ts";
import type { StorageLayout } from "../storage/plan/layout.ts";
import type { Firmware, StoragePlan } from "../storage/plan/plan.ts";
import { bringUpNetwork, type NetworkState } from "./bring-up-network.step.ts";
import { checkImages } from "./check-images.step.ts";
import { configureTargetNetwork } from "./configure-target-network.step.ts";
import { copyLogs } from "./copy-logs.step.ts";
import { downloadObjects } from "./download-objects.step.ts";
import { fetchConfiguration } from "./fetch-configuration.step.ts";
import { type FetchedImages, fetchImageMetadata } from "./fetch-image-metadata.step.ts";
import { findTargetDrives } from "./find-drives.step.ts";
import type { ClockState } from "./fix-clock.step.ts";
import type { ImageServerConnector } from "./image-server-access.ts";
import { installTargetBootLoader } from "./install-boot-loader.step.ts";
import type { InstallOptions } from "./install-options.ts";
import { makeDiskKey } from "./make-disk-key.step.ts";
import { makeToolsRoot } from "./make-tools-root.step.ts";
import { notifyCompletion } from "./notify-completion.step.ts";
import { planNetwork } from "./plan-network.step.ts";
import { type PrintedTargetPlan, planTarget } from "./plan-storage.step.ts";
import { prepareTargetDrives } from "./prepare-drives.step.ts";
import { proveDrivesIdle } from "./prove-drives-idle.step.ts";
import { readInstallConfiguration } from "./read-configuration.step.ts";
import { releaseTargetDrives } from "./release-drives.step.ts";
import { reuseObjects } from "./reuse-objects.step.ts";
import { reuseOldRoot } from "./reuse-old-root.step.ts";
import { unmountNewSystem } from "./unmount-target.step.ts";
import { unpackTarget } from "./unpack-target.step.ts";
import { writeHardwareClock } from "./write-hardware-clock.step.ts";
import { writeSystemFiles } from "./write-system-files.step.ts";

export interface InstallInput {
  readonly options: InstallOptions;
  readonly connector: ImageServerConnector;
  readonly clock: ClockState;
  /** Told what will be done to the drives, once that is decided. */
  readonly announcePlan: (plan: StoragePlan) => void;
  /** Flushes the log and tells where it is; undefined when none is written. */
  readonly syncLog: () => Promise<string | undefined>;
}

/** What was decided before the first change. */
export interface InstallationPlan {
  readonly network: NetworkState;
  readonly configuration: Configuration;
  /** Absent when the drives are to be left alone (no image name, or `-skipStorage`). */
  readonly target?: PlannedTarget;
}

export interface PlannedTarget extends PrintedTargetPlan {
  readonly images: FetchedImages;
}

/** How the machine is to be restarted. */
export type Rebooter = "default" | "kexec";

/** Everything up to the plan, without changing anything on a drive. */
export async function planInstallation(run: RunStep, input: InstallInput): Promise<InstallationPlan> {
  const { options, connector } = input;
  const network = await run(bringUpNetwork, options);
  await run(fetchConfiguration, { options, network });
  const configuration = await run(readInstallConfiguration, options);
  if (options.skipStorage || configuration.imageName === "") return { network, configuration };

  const layout = configuration.storageLayout;
  if (layout === undefined) {
    throw new InstallerError("E_CONFIG_MISSING", `there is no ${options.tftpDirectory}/storage-layout.json`);
  }
  if (!options.skipNetwork && options.networkConfigurator === "")
    await run(planNetwork, { network, configuration });
  const target = await planDrives(run, { options, configuration, layout, connector });
  input.announcePlan(target.storage);
  return { network, configuration, target };
}

export interface DrivesInput {
  readonly options: InstallOptions;
  readonly configuration: TargetConfiguration;
  readonly layout: StorageLayout;
  readonly connector: ImageServerConnector;
  /** Undefined: as this machine was started. */
  readonly firmware?: Firmware | undefined;
}

/** What will be done to the drives of this machine, checked against the images; needs no more network than the image server. */
export async function planDrives(run: RunStep, input: DrivesInput): Promise<PlannedTarget> {
  const { options, configuration, layout, connector, firmware } = input;
  const drives = await run(findTargetDrives, { options, layout });
  const images = await run(fetchImageMetadata, { options, configuration, connector });
  const target = await run(planTarget, { options, layout, drives, image: images.target, firmware });
  await run(checkImages, { plan: target.storage, images });
  return { ...target, images };
}

/** The whole installation, first to last. Its result says how to restart into the new system. */
export async function install(run: RunStep, input: InstallInput): Promise<Rebooter> {
  const { options, connector } = input;
  const plan = await planInstallation(run, input);
  const { network, configuration, target } = plan;
  if (target !== undefined) {
    const { storage, images } = target;
    const cache = await run(reuseObjects, { tmpRoot: options.tmpRoot, images });
    await run(reuseOldRoot, { options, plan: storage, cache });
    await run(downloadObjects, { cache, server: images.server, connector });
    await run(makeToolsRoot, { tmpRoot: options.tmpRoot, tools: images.tools, cache });
    await run(makeDiskKey, { plan: storage, toolsRoot: options.tmpRoot });

    // Safety rule 1: everything above is present, verified and printed before the first change below.
    await run(releaseTargetDrives, { options, plan: storage });
    await run(proveDrivesIdle, { options, plan: storage });
    const discardedDrives = await run(prepareTargetDrives, { options, plan: storage });
    await run(unpackTarget, { options, plan: storage, image: images.target, cache });
    await run(writeSystemFiles, { options, plan: storage, imageName: images.target.name, discardedDrives });
    if (input.clock.changed) await run(writeHardwareClock, { toolsRoot: options.tmpRoot });
    if (!options.skipNetwork) await run(configureTargetNetwork, { options, network, configuration });
    await run(copyLogs, { mountPoint: options.mountPoint, syncLog: input.syncLog });

    // Safety rule 2: until here the boot drive cannot boot.
    await run(installTargetBootLoader, { options, target, useKexec: isKexecWanted(configuration) });
    await run(unmountNewSystem, { options, plan: storage });
  }
  await run(notifyCompletion, {
    program: options.completionNotifier,
    tftpDirectory: options.tftpDirectory,
    interfaceName: network.active.interfaceName,
  });
  return isKexecWanted(configuration) ? "kexec" : "default";
}

function isKexecWanted(configuration: Configuration): boolean {
  return configuration.storageLayout?.useKexec === true;
}
