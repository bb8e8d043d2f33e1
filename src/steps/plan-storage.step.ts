import type { Step } from "../engine/step.ts";
import { bootDirectoryOf } from "../images/boot-directory.ts";
import { estimateUsage } from "../images/tree.ts";
import { type BootFiles, checkBootable, chooseBootFiles } from "../storage/boot/boot-info.ts";
import type { Drive } from "../storage/drives/drives.ts";
import { formatPlan } from "../storage/plan/format-plan.ts";
import type { StorageLayout } from "../storage/plan/layout.ts";
import type { Firmware, StoragePlan } from "../storage/plan/plan.ts";
import { planStorage } from "../storage/plan/plan-storage.ts";
import type { FileSystem } from "../system/files.ts";
import type { ImageMetadata } from "./fetch-image-metadata.step.ts";

export interface PlanStorageInput {
  readonly layout: StorageLayout;
  readonly drives: readonly [Drive, ...Drive[]];
  readonly image: ImageMetadata;
}

/** Everything about the target that is decided before the first change. */
export interface TargetPlan {
  readonly storage: StoragePlan;
  readonly boot: Required<BootFiles> & { readonly kernel: string; readonly initrd: string };
}

/** Decides what will be done to the drives, checks that it can work, and prints it. */
export const planTarget: Step<PlanStorageInput, TargetPlan> = {
  id: "plan-storage",
  title: "Plan the storage",
  destructive: false,
  async run({ layout, drives, image }, { host, log }) {
    const boot = chooseBootFiles(bootDirectoryOf(image.tree));
    checkBootable(boot);
    const storage = planStorage({
      layout,
      drives,
      imageUsageBytes: estimateUsage(image.tree),
      imageInodeCount: image.tree.inodes.size + 1,
      firmware: await readFirmware(host.files),
    });
    for (const line of formatPlan(storage)) log.info(line);
    return { storage, boot };
  },
};

async function readFirmware(files: Pick<FileSystem, "exists">): Promise<Firmware> {
  return (await files.exists("/sys/firmware/efi")) ? "efi" : "bios";
}
