import { formatBytes } from "../../core/byte-size.ts";
import { formatSeconds } from "../../core/duration.ts";
import { messageChain } from "../../core/errors.ts";
import { countTree, requiredObjects } from "../../images/tree.ts";
import { unpackImage } from "../../images/unpack.ts";
import { OBJECT_CACHE_NAME, validateTree } from "../../images/validate-tree.ts";
import { DirectoryObjectStore } from "../../objectcache/directory-object-store.ts";
import { fetchMissing } from "../../objectcache/fetch-missing.ts";
import { logUnpacked } from "../../steps/log-unpacked.ts";
import { mountSystemDirectories } from "../../storage/target/mount-target.ts";
import { planUnmount } from "../../storage/target/unmount.ts";
import type { Host } from "../../system/host.ts";
import type { CommandContext } from "../command.ts";
import { openImageServer } from "../open-image-server.ts";
import { requireTree } from "../require-tree.ts";

/** Unpacks an image into a tmpfs on a directory, ready for chroot (spec/cli.md section 7.2). */
export async function run(context: CommandContext, args: readonly string[]): Promise<number> {
  const { log, signal } = context;
  const [imageName = "", rootDirectory = ""] = args;
  const { host, server, connector } = await openImageServer(context);
  const { name, tree } = await (async () => {
    await using client = await connector.connect(server, context);
    return requireTree(await client.resolveImage(imageName, signal));
  })();
  validateTree(tree);
  const { regularInodes, dataBytes } = countTree(tree);
  log.debug(0, `got image: ${name} (${regularInodes} files with ${formatBytes(dataBytes)})`);
  await mountEmptyRoot(rootDirectory, host);

  const cacheRoot = `${rootDirectory}/${OBJECT_CACHE_NAME}`;
  const store = new DirectoryObjectStore({
    root: cacheRoot,
    files: host.files,
    hashing: host.hashing,
    durability: "volatile",
  });
  await fetchMissing({
    wanted: requiredObjects(tree),
    store,
    source: connector.objectSource(server, log),
    signal,
    onRetry: (error, attempt, delayMs) =>
      log.warn(
        `download interrupted (attempt ${attempt}), going on in ${formatSeconds(delayMs / 1000)}: ${messageChain(error)}`,
      ),
  });
  const request = { tree, target: rootDirectory, objects: store, files: host.files, signal };
  logUnpacked(log, await unpackImage({ ...request, content: "link" }));
  await host.files.removeTree(cacheRoot);
  await mountSystemDirectories(rootDirectory, host);
  return 0;
}

/** An empty tmpfs in place of whatever an earlier run has mounted there. */
async function mountEmptyRoot(
  directory: string,
  { files, mounts }: Pick<Host, "files" | "mounts">,
): Promise<void> {
  await files.makeDirectory(directory, { parents: true });
  const root = await files.realPath(directory);
  for (const mountPoint of planUnmount(await mounts.read(), root)) await mounts.unmount(mountPoint);
  await mounts.mount({ source: "none", target: root, type: "tmpfs" });
}
