import { compareVersions } from "../core/version-order.ts";
import { isZeroTime } from "../rpc/gob/time.ts";
import { IMAGE_OPERATION, type ImageUpdate } from "../rpc/messages/image-server.ts";
import type { RepositoryListing } from "./image-repository.ts";

/** Ends the initial list (spec/imageservice.md 4.8). */
export const END_OF_INITIAL_LIST: ImageUpdate = { Name: "", Directory: undefined, Operation: 0 };

/** Before anything is known. */
export const EMPTY_LISTING: RepositoryListing = { images: [], directories: new Set() };

/**
 * What turns `before` into `after`: directories that were made, images that were added or whose files were replaced (their
 * expiry changed), images that went, directories that went; so that at any time every image has its directory. In
 * version order. With `ignoreExpiring`, images that expire are not reported as added.
 */
export function imageUpdatesBetween(
  before: RepositoryListing,
  after: RepositoryListing,
  options: { readonly ignoreExpiring: boolean },
): readonly ImageUpdate[] {
  const versions = new Map(before.images.map(({ name, version }) => [name, version]));
  const added = after.images.filter(
    ({ name, version, facts }) =>
      versions.get(name) !== version && !(options.ignoreExpiring && !isZeroTime(facts.ExpiresAt)),
  );
  const left = new Set(after.images.map(({ name }) => name));
  const gone = before.images.filter(({ name }) => !left.has(name));
  return [
    ...sorted(without(after.directories, before.directories)).map(madeDirectory),
    ...sorted(added.map(({ name }) => name)).map((name) => named(name, IMAGE_OPERATION.addImage)),
    ...sorted(gone.map(({ name }) => name)).map((name) => named(name, IMAGE_OPERATION.deleteImage)),
    // Those below come behind those above, which is the wrong way round here.
    ...sorted(without(before.directories, after.directories))
      .toReversed()
      .map((name) => named(name, IMAGE_OPERATION.deleteDirectory)),
  ];
}

function without(names: ReadonlySet<string>, others: ReadonlySet<string>): readonly string[] {
  return [...names].filter((name) => !others.has(name));
}

function madeDirectory(name: string): ImageUpdate {
  return {
    Name: "",
    Directory: { Name: name, Metadata: { OwnerGroup: "" } },
    Operation: IMAGE_OPERATION.makeDirectory,
  };
}

function named(name: string, operation: number): ImageUpdate {
  return { Name: name, Directory: undefined, Operation: operation };
}

function sorted(names: Iterable<string>): readonly string[] {
  return [...names].toSorted(compareVersions);
}
