import { type ByteString, byteStringOf } from "../core/byte-string.ts";
import type { FileSystemTree, Inode } from "./model.ts";
import { estimateInodeUsage, walkTree } from "./tree.ts";

export interface PlaceUsage {
  /** As estimateUsage counts. */
  readonly usageBytes: number;
  readonly inodeCount: number;
}

/**
 * What an image takes on each of the file-systems mounted at `mountPoints` (absolute, without trailing slash, `/` among
 * them): each path counts where it is mounted, an inode with several names once on each.
 */
export function usageByPlace(
  tree: FileSystemTree,
  mountPoints: readonly string[],
): ReadonlyMap<string, PlaceUsage> {
  const places = mountPoints.map((mountPoint) => ({
    mountPoint,
    path: byteStringOf(mountPoint),
    inodes: new Set<Inode>(),
  }));
  const deepestFirst = places.toSorted((a, b) => b.path.length - a.path.length);
  for (const { path, inode } of walkTree(tree))
    deepestFirst.find((place) => isWithin(path, place.path))?.inodes.add(inode);
  return new Map(
    places.map(({ mountPoint, inodes }) => [
      mountPoint,
      {
        usageBytes: [...inodes].reduce((sum, inode) => sum + estimateInodeUsage(inode), 0),
        inodeCount: inodes.size,
      },
    ]),
  );
}

function isWithin(path: ByteString, mountPoint: ByteString): boolean {
  return mountPoint === "/" || path === mountPoint || path.startsWith(`${mountPoint}/`);
}
