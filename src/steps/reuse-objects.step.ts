import { formatBytes } from "../core/byte-size.ts";
import { formatMilliseconds } from "../core/duration.ts";
import type { ObjectId } from "../core/object-id.ts";
import type { Step, StepContext } from "../engine/step.ts";
import { requiredObjects } from "../images/tree.ts";
import { OBJECT_CACHE_NAME } from "../images/validate-tree.ts";
import { DirectoryObjectStore } from "../objectcache/directory-object-store.ts";
import { scanForObjects } from "../objectcache/scan-for-objects.ts";
import type { FetchedImages } from "./fetch-image-metadata.step.ts";

export interface ReuseInput {
  readonly tmpRoot: string;
  readonly images: FetchedImages;
}

/** The store of everything the installation needs, and what that is. */
export interface ObjectCache {
  readonly store: DirectoryObjectStore;
  /** Objects of the target and the tools image, with their sizes. */
  readonly wanted: ReadonlyMap<ObjectId, number>;
}

/** A tmpfs may take nearly all memory: this machine does nothing else. */
const TMPFS_OPTIONS = "size=95%,mode=0755";

/** Makes the object cache and fills it with what lies in the booted system already. */
export const reuseObjects: Step<ReuseInput, ObjectCache> = {
  id: "reuse-objects",
  title: "Re-use objects of the booted system",
  destructive: false,
  async run({ tmpRoot, images }, context) {
    const { host, log, signal } = context;
    await mountToolsRoot(tmpRoot, context);
    // In the tmpfs of the tools root, so that its large files can be hard links: the image is in memory once.
    const root = `${tmpRoot}/${OBJECT_CACHE_NAME}`;
    const store = new DirectoryObjectStore({
      root,
      files: host.files,
      hashing: host.hashing,
      durability: "volatile",
    });
    const wanted = new Map([...requiredObjects(images.tools.tree), ...requiredObjects(images.target.tree)]);
    log.debug(0, "scanning root");
    const scan = await scanForObjects({
      root: "/",
      wanted,
      store,
      files: host.files,
      log,
      signal,
      excluded: [tmpRoot],
    });
    const elapsed = formatMilliseconds(scan.durationMs);
    log.debug(0, `scanned root ${formatBytes(scan.scannedBytes)} in ${elapsed}`);
    const totalBytes = [...wanted.values()].reduce((sum, sizeBytes) => sum + sizeBytes, 0);
    log.info(
      `object cache already has ${scan.objects}/${wanted.size} objects (${formatBytes(scan.bytes)}/${formatBytes(totalBytes)})`,
    );
    return { store, wanted };
  },
};

/** Replaces what an earlier run of this process has left there. */
async function mountToolsRoot(tmpRoot: string, { host, log }: StepContext): Promise<void> {
  const earlier = (await host.mounts.read()).filter(
    ({ mountPoint }) => mountPoint === tmpRoot || mountPoint.startsWith(`${tmpRoot}/`),
  );
  if (earlier.length > 0) log.info(`unmounting the tools root of an earlier run: ${tmpRoot}`);
  for (const { mountPoint } of earlier.toReversed()) await host.mounts.unmount(mountPoint);
  await host.files.makeDirectory(tmpRoot, { parents: true });
  await host.mounts.mount({ source: "none", target: tmpRoot, type: "tmpfs", data: TMPFS_OPTIONS });
}
