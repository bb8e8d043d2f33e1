import { randomUUID } from "node:crypto";
import type { Step, StepContext } from "../engine/step.ts";
import { bootDirectoryOf } from "../images/boot-directory.ts";
import { estimateUsage } from "../images/tree.ts";
import { type BootFiles, checkBootable, chooseBootFiles } from "../storage/boot/boot-info.ts";
import { type DriveContents, readDriveContents } from "../storage/drives/drive-contents.ts";
import type { Drive } from "../storage/drives/drives.ts";
import { formatPlan } from "../storage/plan/format-plan.ts";
import type { StorageLayout } from "../storage/plan/layout.ts";
import { drivesOf, type Firmware, type StoragePlan } from "../storage/plan/plan.ts";
import { type PlanFacts, warnOfMembers } from "../storage/plan/plan-facts.ts";
import { planStorage } from "../storage/plan/plan-storage.ts";
import { formatReleasePlan } from "../storage/release/plan-release.ts";
import { readReleasePlan } from "../storage/release/release-drives.ts";
import type { FileSystem } from "../system/files.ts";
import type { ImageMetadata } from "./fetch-image-metadata.step.ts";
import type { InstallOptions } from "./install-options.ts";
import { storageEnvironment } from "./storage-environment.ts";

type PlanOptions = Pick<InstallOptions, "mountPoint" | "tmpRoot" | "sysfsDirectory" | "procDirectory">;

export interface PlanStorageInput {
  readonly options: PlanOptions;
  readonly layout: StorageLayout;
  readonly drives: readonly [Drive, ...Drive[]];
  readonly image: ImageMetadata;
  /** Undefined: as this machine was started. */
  readonly firmware?: Firmware | undefined;
}

/** Everything about the target that is decided before the first change. */
export interface TargetPlan {
  readonly storage: StoragePlan;
  readonly boot: Required<BootFiles> & { readonly kernel: string; readonly initrd: string };
}

/** The plan with what was printed beside it. */
export interface PrintedTargetPlan extends TargetPlan {
  readonly facts: PlanFacts;
}

/** Decides what will be done to the drives, checks that it can work, and prints it. */
export const planTarget: Step<PlanStorageInput, PrintedTargetPlan> = {
  id: "plan-storage",
  title: "Plan the storage",
  destructive: false,
  async run({ options, layout, drives, image, firmware }, context) {
    const { host, log } = context;
    const boot = chooseBootFiles(bootDirectoryOf(image.tree));
    checkBootable(boot);
    const storage = planStorage({
      layout,
      drives,
      imageUsageBytes: estimateUsage(image.tree),
      imageInodeCount: image.tree.inodes.size + 1,
      firmware: firmware ?? (await readFirmware(host.files)),
      newUuid: randomUUID,
    });
    const facts = await readFacts(storage, options, context);
    for (const line of formatPlan(storage, facts)) log.info(line);
    return { storage, boot, facts };
  },
};

/** What the drives carry, and what has to be taken down before they can be erased. Rejects with E_DRIVE_IN_USE. */
async function readFacts(
  storage: StoragePlan,
  options: PlanOptions,
  context: StepContext,
): Promise<PlanFacts> {
  const environment = storageEnvironment(options, context);
  const drives = drivesOf(storage);
  const ownRoots = [options.mountPoint, options.tmpRoot];
  const release = await readReleasePlan(drives, ownRoots, environment);
  const contents = new Map<string, DriveContents>();
  for (const drive of drives) contents.set(drive.name, await readDriveContents(drive, environment));
  return {
    contents,
    release: formatReleasePlan(release),
    warnings: [...warnOfMembers(storage, contents), ...release.warnings],
  };
}

async function readFirmware(files: Pick<FileSystem, "exists">): Promise<Firmware> {
  return (await files.exists("/sys/firmware/efi")) ? "efi" : "bios";
}
