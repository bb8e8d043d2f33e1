import type { ObjectId } from "../core/object-id.ts";
import { forEachConcurrently } from "../objectcache/concurrency.ts";
import type { ObjectStore } from "../objectcache/object-store.ts";

/** Sizes looked up at a time: the first time, an object is read and verified for that. */
const CONCURRENT_LOOKUPS = 8;

/** The sizes in bytes of those objects that are there. */
export async function lookUpSizes(
  ids: readonly ObjectId[],
  store: Pick<ObjectStore, "size">,
): Promise<ReadonlyMap<ObjectId, number>> {
  const sizes = new Map<ObjectId, number>();
  await forEachConcurrently(new Set(ids), CONCURRENT_LOOKUPS, async (id) => {
    const size = await store.size(id);
    if (size !== undefined) sizes.set(id, size);
  });
  return sizes;
}
