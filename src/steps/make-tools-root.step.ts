import type { Step } from "../engine/step.ts";
import { unpackImage } from "../images/unpack.ts";
import { mountSystemDirectories } from "../storage/target/mount-target.ts";
import type { ImageMetadata } from "./fetch-image-metadata.step.ts";
import { logUnpacked } from "./log-unpacked.ts";
import type { ObjectCache } from "./reuse-objects.step.ts";

export interface ToolsRootInput {
  readonly tmpRoot: string;
  readonly tools: ImageMetadata;
  readonly cache: ObjectCache;
}

/** Unpacks the tools image in memory: its parted, mkfs and cryptsetup will work on the drives. */
export const makeToolsRoot: Step<ToolsRootInput, void> = {
  id: "make-tools-root",
  title: "Unpack the tools",
  destructive: false,
  async run({ tmpRoot, tools, cache }, { host, log, progress, signal }) {
    progress.start("inodes", tools.tree.inodes.size);
    let madeInodes = 0;
    const result = await unpackImage({
      tree: tools.tree,
      target: tmpRoot,
      objects: cache.store,
      files: host.files,
      signal,
      content: "link",
      onProgress: (inodes) => {
        progress.advance(inodes - madeInodes);
        madeInodes = inodes;
      },
    });
    logUnpacked(log, result);
    await mountSystemDirectories(tmpRoot, host);
  },
};
