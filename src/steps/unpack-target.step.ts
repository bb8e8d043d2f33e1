import type { Step } from "../engine/step.ts";
import { unpackImage } from "../images/unpack.ts";
import type { StoragePlan } from "../storage/plan/plan.ts";
import { mountCopiedVolumes, mountSystemDirectories, mountTarget } from "../storage/target/mount-target.ts";
import type { ImageMetadata } from "./fetch-image-metadata.step.ts";
import type { InstallOptions } from "./install-options.ts";
import { logUnpacked } from "./log-unpacked.ts";
import type { ObjectCache } from "./reuse-objects.step.ts";
import { storageEnvironment } from "./storage-environment.ts";

export interface UnpackTargetInput {
  readonly options: InstallOptions;
  readonly plan: StoragePlan;
  readonly image: ImageMetadata;
  readonly cache: ObjectCache;
}

/** Mounts the new file-systems and unpacks the image into them. */
export const unpackTarget: Step<UnpackTargetInput, void> = {
  id: "unpack-image",
  title: "Unpack the image",
  destructive: true,
  async run({ options, plan, image, cache }, context) {
    const { host, log, progress, signal, cleanup } = context;
    const environment = storageEnvironment(options, context, options.tmpRoot);
    await mountTarget(plan, options.mountPoint, environment, cleanup);
    const totalBytes = [...cache.wanted.values()].reduce((sum, sizeBytes) => sum + sizeBytes, 0);
    progress.start("bytes", totalBytes);
    let madeBytes = 0;
    const result = await unpackImage({
      tree: image.tree,
      target: options.mountPoint,
      objects: cache.store,
      files: host.files,
      signal,
      onProgress: (_inodes, bytes) => {
        progress.advance(bytes - madeBytes);
        madeBytes = bytes;
      },
    });
    logUnpacked(log, result);
    await mountCopiedVolumes(plan, options.mountPoint, environment);
    await mountSystemDirectories(options.mountPoint, host);
  },
};
