import { randomUUID } from "node:crypto";
import { errnoOf, InstallerError, messageChain } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Image } from "../images/model.ts";
import type { WireImage } from "../rpc/messages/image.ts";
import type { FileStatus, FileSystem } from "../system/files.ts";
import type { Clock } from "../system/power.ts";
import { formatImageFile, type ImageFacts, parseImageFacts, parseImageFile } from "./image-file.ts";
import { directoryOfImage, isImageName, isNameComponent, ROOT_DIRECTORY } from "./image-name.ts";
import { isExpired, type StoredImage } from "./stored-image.ts";

const FILE_LIMIT_BYTES = 256 * 1024 * 1024;
/** Marks temporaries, which no image name can end in. */
const TEMPORARY_SUFFIX = "~";

export interface ImageRepositoryOptions {
  /** Absolute; made when absent. */
  readonly root: string;
  readonly files: FileSystem;
  readonly clock: Pick<Clock, "nowMs">;
  readonly log: Logger;
}

/** All there is at one moment. */
export interface RepositoryListing {
  readonly images: readonly StoredImage[];
  /** Always with `.`. */
  readonly directories: ReadonlySet<string>;
}

/**
 * The images of an image directory, one file each at its name. The directory is the truth: every question looks at
 * it, so that images published by another process show at once; only the facts of unchanged files are remembered.
 * Files are verified when they are first seen; damaged ones are logged and left out. Names that are not image names
 * never reach the disk.
 */
export class ImageRepository {
  readonly #root: string;
  readonly #files: FileSystem;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #log: Logger;
  /** By name; without facts: damaged. */
  readonly #known = new Map<string, { readonly version: string; readonly facts: ImageFacts | undefined }>();

  constructor({ root, files, clock, log }: ImageRepositoryOptions) {
    this.#root = root;
    this.#files = files;
    this.#clock = clock;
    this.#log = log;
  }

  async list(): Promise<RepositoryListing> {
    const images: StoredImage[] = [];
    const directories = new Set<string>();
    const pending = [ROOT_DIRECTORY];
    for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
      directories.add(directory);
      for (const [name, status] of await this.#entriesOf(directory)) {
        if (status.type === "directory") pending.push(name);
        const stored = await this.#identify(name, status);
        if (stored !== undefined) images.push(stored);
      }
    }
    return { images, directories };
  }

  /** Undefined when there is no such image, or its file is damaged. */
  async find(name: string): Promise<StoredImage | undefined> {
    const status = await this.#statusOf(name);
    return status && this.#identify(name, status);
  }

  async hasDirectory(name: string): Promise<boolean> {
    return name === ROOT_DIRECTORY || (await this.#statusOf(name))?.type === "directory";
  }

  /** The whole image; E_IMAGE_FILE when it is damaged. */
  async read(name: string): Promise<WireImage> {
    const path = this.#pathOf(name);
    return parseImageFile(await this.#files.readFile(path, { limitBytes: FILE_LIMIT_BYTES }), path);
  }

  /**
   * Writes a new image, with the directories above it; it survives a power failure. Rejects with E_IMAGE_NAME, or
   * E_IMAGE_EXISTS when the name is taken, also by a directory.
   */
  async add(name: string, image: Image): Promise<void> {
    await this.requireFree(name);
    const path = this.#pathOf(name);
    const directory = this.#pathOf(directoryOfImage(name));
    await this.#files.makeDirectory(directory, { parents: true });
    const temporary = `${path}.${randomUUID()}${TEMPORARY_SUFFIX}`;
    try {
      await this.#files.writeFile(temporary, formatImageFile(image));
      await this.#files.syncFileSystem(directory);
      // A link, not a rename: of two that publish the same name, one must lose.
      await this.#files.makeLink(temporary, path);
    } catch (error) {
      throw errnoOf(error) === "EEXIST" ? taken(name) : error;
    } finally {
      await this.#removeIfPresent(temporary);
    }
    await this.#files.syncFileSystem(directory);
  }

  /** Rejects with E_IMAGE_NAME or E_IMAGE_EXISTS when no image can be added under this name. */
  async requireFree(name: string): Promise<void> {
    if (!isImageName(name))
      throw new InstallerError("E_IMAGE_NAME", `publishing an image as ${JSON.stringify(name)}`);
    if ((await this.#statusOf(name)) !== undefined) throw taken(name);
  }

  /** Removes what interrupted writers left. Not while an image is being added. */
  async removeTemporaries(): Promise<void> {
    await this.#files.makeDirectory(this.#root, { parents: true });
    const { directories } = await this.list();
    for (const directory of directories) {
      const path = this.#pathOf(directory);
      for (const leaf of await this.#files.readDirectoryText(path))
        if (leaf.endsWith(TEMPORARY_SUFFIX)) await this.#removeIfPresent(`${path}/${leaf}`);
    }
  }

  /** Names and status of what may be images and directories; nothing when the directory has just vanished. */
  async #entriesOf(directory: string): Promise<readonly (readonly [string, FileStatus])[]> {
    const leaves = await orAbsent(this.#files.readDirectoryText(this.#pathOf(directory)));
    const entries: (readonly [string, FileStatus])[] = [];
    for (const leaf of leaves ?? []) {
      if (!isNameComponent(leaf)) continue;
      const name = directory === ROOT_DIRECTORY ? leaf : `${directory}/${leaf}`;
      const status = await this.#statusOf(name);
      if (status !== undefined) entries.push([name, status]);
    }
    return entries;
  }

  async #statusOf(name: string): Promise<FileStatus | undefined> {
    return isImageName(name) ? orAbsent(this.#files.lstat(this.#pathOf(name))) : undefined;
  }

  /** The image at `name`, unless there is something else, or one that is damaged or has expired. */
  async #identify(name: string, status: FileStatus): Promise<StoredImage | undefined> {
    if (status.type !== "file") return undefined;
    const version = `${status.inode}.${status.modifiedNs}.${status.sizeBytes}`;
    let known = this.#known.get(name);
    if (known?.version !== version) {
      known = { version, facts: await this.#readFacts(name) };
      this.#known.set(name, known);
    }
    if (known.facts === undefined) return undefined;
    if (!isExpired(known.facts, this.#clock.nowMs())) return { name, version, facts: known.facts };
    this.#log.info("removing expired image", { image: name });
    await this.#removeIfPresent(this.#pathOf(name));
    return undefined;
  }

  async #readFacts(name: string): Promise<ImageFacts | undefined> {
    const path = this.#pathOf(name);
    try {
      return parseImageFacts(await this.#files.readFile(path, { limitBytes: FILE_LIMIT_BYTES }), path);
    } catch (error) {
      this.#log.error("leaving out an image", { image: name, reason: messageChain(error) });
      return undefined;
    }
  }

  #pathOf(name: string): string {
    return name === ROOT_DIRECTORY ? this.#root : `${this.#root}/${name}`;
  }

  async #removeIfPresent(path: string): Promise<void> {
    await orAbsent(this.#files.removeFile(path));
  }
}

function taken(name: string): InstallerError {
  return new InstallerError("E_IMAGE_EXISTS", `publishing an image as ${name}`);
}

async function orAbsent<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR") return undefined;
    throw error;
  }
}
