import { InstallerError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { parseFilter } from "../images/filter.ts";
import type { FileSystemTree, Image } from "../images/model.ts";
import { scanTar } from "../images/scan-tar.ts";
import { scanTree } from "../images/scan-tree.ts";
import { countTree, requiredObjects } from "../images/tree.ts";
import { DirectoryObjectStore } from "../objectcache/directory-object-store.ts";
import type { Host } from "../system/host.ts";
import { ImageRepository } from "./image-repository.ts";
import { imageTimeOf } from "./image-time.ts";

export interface PublishImageRequest {
  readonly name: string;
  /** Path of a directory, or of a .tar or .tar.gz. */
  readonly source: string;
  /** Absolute; both directories are made when absent. */
  readonly imageDirectory: string;
  readonly objectDirectory: string;
  /** Lines of a filter file: paths to leave out. Absent: a sparse image with all there is (spec/image.md 6). */
  readonly filterLines?: readonly string[];
  readonly tags?: ReadonlyMap<string, string>;
  /** Who publishes; default: nobody. */
  readonly createdBy?: string;
  readonly host: Pick<Host, "files" | "hashing" | "clock">;
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Files whose content was stored, and their bytes, from the beginning. */
  readonly onProgress?: (files: number, bytes: number) => void;
}

/** What a published image consists of. */
export interface PublishedImage {
  readonly name: string;
  readonly inodes: number;
  readonly directories: number;
  readonly regularFiles: number;
  /** Of all regular files; identical ones count each. */
  readonly dataBytes: number;
  /** Different contents, which is what is stored. */
  readonly objects: number;
}

/**
 * Makes an image from a tree or an archive. Objects come first and the image last, so whoever sees the image finds all
 * of it. Rejects with E_IMAGE_NAME, E_IMAGE_EXISTS, E_FILTER_INVALID, E_IMAGE_SCAN or E_IMAGE_INVALID.
 */
export async function publishImage(request: PublishImageRequest): Promise<PublishedImage> {
  const { name, host, log } = request;
  const { files, hashing, clock } = host;
  const repository = new ImageRepository({ root: request.imageDirectory, files, clock, log });
  await repository.requireFree(name);
  const store = new DirectoryObjectStore({ root: request.objectDirectory, files, hashing });
  const tree = await scan(request, store);
  const objects = requiredObjects(tree).size;
  if (objects > 0) await store.sync();
  await repository.add(name, describeImage(request, tree));
  const { regularInodes, dataBytes, directories } = countTree(tree);
  return {
    name,
    inodes: tree.inodes.size,
    directories,
    regularFiles: regularInodes,
    dataBytes,
    objects,
  };
}

async function scan(request: PublishImageRequest, objects: DirectoryObjectStore): Promise<FileSystemTree> {
  const { source, host, filterLines, signal, onProgress } = request;
  const common = {
    files: host.files,
    objects,
    signal,
    ...(filterLines === undefined ? {} : { filter: parseFilter(filterLines) }),
    ...(onProgress === undefined ? {} : { onProgress }),
  };
  const isDirectory = await host.files.stat(source).then(
    ({ type }) => type === "directory",
    (error: unknown) => {
      throw new InstallerError("E_IMAGE_SCAN", `looking for ${source}`, { cause: error });
    },
  );
  return isDirectory ? scanTree({ root: source, ...common }) : scanTar({ archive: source, ...common });
}

function describeImage(request: PublishImageRequest, fileSystem: FileSystemTree): Image {
  return {
    buildBranch: "",
    buildCommitId: "",
    buildGitUrl: "",
    createdBy: request.createdBy ?? "",
    createdFor: "",
    ...(request.filterLines === undefined ? {} : { filter: request.filterLines }),
    fileSystem,
    createdOn: imageTimeOf(request.host.clock.nowMs()),
    ownerGroups: [],
    ownerUsers: [],
    packages: [],
    sourceImage: "",
    tags: request.tags ?? new Map(),
  };
}
