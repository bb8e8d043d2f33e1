import type { GobTime } from "../rpc/gob/time.ts";
import { isZeroTime } from "../rpc/gob/time.ts";
import type { ImageFacts } from "./image-file.ts";
import { directoryOfImage, ROOT_DIRECTORY } from "./image-name.ts";
import type { StoredImage } from "./stored-image.ts";

/** For each key, the values of which an image must carry one. */
type TagsToMatch = ReadonlyMap<string, readonly string[]>;

interface Restriction {
  readonly IgnoreExpiringImages: boolean;
  readonly TagsToMatch: TagsToMatch;
}

/** The images that ListSelectedImages names (spec/imageservice.md 4.2), in the order given. */
export function selectImages(
  images: readonly StoredImage[],
  request: Restriction & { readonly DirectoryName: string },
): readonly StoredImage[] {
  return images.filter(({ name, facts }) => isBelow(name, request.DirectoryName) && isWanted(facts, request));
}

/** The image that FindLatestImage answers with (spec/imageservice.md 4.5): the last one made, whatever its name. */
export function findLatestImage(
  images: readonly StoredImage[],
  request: Restriction & { readonly DirectoryName: string; readonly BuildCommitId: string },
): StoredImage | undefined {
  let latest: StoredImage | undefined;
  for (const image of images) {
    if (directoryOfImage(image.name) !== request.DirectoryName) continue;
    if (!isWanted(image.facts, request) || !isBuild(image.facts, request.BuildCommitId)) continue;
    if (latest === undefined || isAfter(image.facts.CreatedOn, latest.facts.CreatedOn)) latest = image;
  }
  return latest;
}

/** `x/`: directly in x; `x`: anywhere below x. */
function isBelow(name: string, directory: string): boolean {
  if (directory === "" || directory === ROOT_DIRECTORY) return true;
  if (directory.endsWith("/")) return directoryOfImage(name) === directory.slice(0, -1);
  return name.startsWith(`${directory}/`);
}

function isWanted(facts: ImageFacts, { IgnoreExpiringImages, TagsToMatch: tags }: Restriction): boolean {
  if (IgnoreExpiringImages && !isZeroTime(facts.ExpiresAt)) return false;
  return [...tags].every(([key, values]) => {
    const value = facts.Tags.get(key);
    return value !== undefined && values.includes(value);
  });
}

function isBuild(facts: ImageFacts, build: string): boolean {
  return build === "" || facts.BuildCommitId === build || facts.BuildBranch === build;
}

function isAfter(time: GobTime, other: GobTime): boolean {
  return time.seconds === other.seconds ? time.nanoseconds > other.nanoseconds : time.seconds > other.seconds;
}
