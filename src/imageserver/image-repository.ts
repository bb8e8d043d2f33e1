import { errnoOf, InstallerError, messageChain } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Image, ImageTime } from "../images/model.ts";
import { ZERO_TIME } from "../rpc/gob/time.ts";
import type { WireImage } from "../rpc/messages/image.ts";
import { imageToWire } from "../rpc/messages/image-conversion.ts";
import type { FileStatus, FileSystem } from "../system/files.ts";
import type { Clock } from "../system/power.ts";
import { ImageDirectories } from "./image-directories.ts";
import { formatImageFile, type ImageFacts, parseImageFacts, parseImageFile } from "./image-file.ts";
import { ImageFiles } from "./image-files.ts";
import { isImageName, ROOT_DIRECTORY } from "./image-name.ts";
import { isExpired, type StoredImage } from "./stored-image.ts";
import { Turns } from "./turns.ts";

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
 * Files are verified when they are first seen; damaged ones are logged and left out. An empty file stands for an image
 * that was deleted, whose name is never used again (spec/imageservice.md 2). Names that are not image names never
 * reach the disk.
 */
export class ImageRepository {
  readonly directories: ImageDirectories;
  readonly #files: ImageFiles;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #log: Logger;
  /** By name; without facts: damaged. */
  readonly #known = new Map<string, { readonly version: string; readonly facts: ImageFacts | undefined }>();
  /** Whoever changes or removes a file looks at it first; nobody may come in between. */
  readonly #changes = new Turns(1);

  constructor({ root, files, clock, log }: ImageRepositoryOptions) {
    this.#files = new ImageFiles(root, files);
    this.directories = new ImageDirectories(this.#files);
    this.#clock = clock;
    this.#log = log;
  }

  async list(): Promise<RepositoryListing> {
    const images: StoredImage[] = [];
    const directories = new Set<string>();
    const pending = [ROOT_DIRECTORY];
    for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
      directories.add(directory);
      for (const [name, status] of await this.#files.entriesOf(directory)) {
        if (status.type === "directory") pending.push(name);
        const stored = await this.#identify(name, status);
        if (stored !== undefined) images.push(stored);
      }
    }
    return { images, directories };
  }

  /** Undefined when there is no such image, or its file is damaged. */
  async find(name: string): Promise<StoredImage | undefined> {
    const status = await this.#files.statusOf(name);
    return status && this.#identify(name, status);
  }

  async hasDirectory(name: string): Promise<boolean> {
    return this.#files.hasDirectory(name);
  }

  /** The whole image; E_IMAGE_FILE when it is damaged. */
  async read(name: string): Promise<WireImage> {
    return parseImageFile(await this.#files.read(name), this.#files.pathOf(name));
  }

  /**
   * Writes a new image, with the directories above it; it survives a power failure. Rejects with E_IMAGE_NAME, or
   * E_IMAGE_EXISTS when the name is taken, also by a directory or by an image that was deleted.
   */
  async add(name: string, image: Image): Promise<void> {
    await this.requireFree(name);
    try {
      await this.#files.create(name, formatImageFile(imageToWire(image)));
    } catch (error) {
      throw errnoOf(error) === "EEXIST" ? taken(name) : error;
    }
  }

  /** Rejects with E_IMAGE_NAME or E_IMAGE_EXISTS when no image can be added under this name. */
  async requireFree(name: string): Promise<void> {
    if (!isImageName(name))
      throw new InstallerError("E_IMAGE_NAME", `publishing an image as ${JSON.stringify(name)}`);
    const status = await this.#files.statusOf(name);
    if (status === undefined) return;
    if (isDeleted(status))
      throw new InstallerError("E_IMAGE_EXISTS", `cannot add previously deleted image: ${name}`);
    throw taken(name);
  }

  /** Empties the file of an image, which keeps the name from being used again; false when there is no such image. */
  async delete(name: string): Promise<boolean> {
    using _turn = await this.#changes.take();
    const status = await this.#files.statusOf(name);
    if (status?.type !== "file" || isDeleted(status)) return false;
    await this.#files.replace(name, new Uint8Array());
    this.#known.delete(name);
    return true;
  }

  /** Rewrites the image `stored` to expire at another time; undefined: never. False when it is not there any more. */
  async changeExpiration(stored: StoredImage, expiresAt: ImageTime | undefined): Promise<boolean> {
    using _turn = await this.#changes.take();
    const status = await this.#files.statusOf(stored.name);
    if (status === undefined || versionOf(status) !== stored.version) return false;
    const image = await this.read(stored.name);
    await this.#files.replace(stored.name, formatImageFile({ ...image, ExpiresAt: expiresAt ?? ZERO_TIME }));
    return true;
  }

  /** Removes what interrupted writers left. Not while an image is being added. */
  async removeTemporaries(): Promise<void> {
    await this.#files.makeRoot();
    const { directories } = await this.list();
    for (const directory of directories) await this.#files.removeTemporaries(directory);
  }

  /** The image at `name`, unless there is something else, or one that is deleted, damaged or has expired. */
  async #identify(name: string, status: FileStatus): Promise<StoredImage | undefined> {
    if (status.type !== "file" || isDeleted(status)) return undefined;
    const version = versionOf(status);
    let known = this.#known.get(name);
    if (known?.version !== version) {
      known = { version, facts: await this.#readFacts(name) };
      this.#known.set(name, known);
    }
    if (known.facts === undefined) return undefined;
    if (!isExpired(known.facts, this.#clock.nowMs())) return { name, version, facts: known.facts };
    await this.#removeExpired(name, version);
    return undefined;
  }

  async #removeExpired(name: string, version: string): Promise<void> {
    using _turn = await this.#changes.take();
    const status = await this.#files.statusOf(name);
    if (status === undefined || versionOf(status) !== version) return;
    this.#log.info("removing expired image", { image: name });
    await this.#files.remove(name);
    this.#known.delete(name);
  }

  async #readFacts(name: string): Promise<ImageFacts | undefined> {
    try {
      return parseImageFacts(await this.#files.read(name), this.#files.pathOf(name));
    } catch (error) {
      this.#log.error("leaving out an image", { image: name, reason: messageChain(error) });
      return undefined;
    }
  }
}

/** Tells one file from another that takes its place. */
function versionOf(status: FileStatus): string {
  return `${status.inode}.${status.modifiedNs}.${status.sizeBytes}`;
}

function isDeleted(status: FileStatus): boolean {
  return status.type === "file" && status.sizeBytes === 0;
}

function taken(name: string): InstallerError {
  return new InstallerError("E_IMAGE_EXISTS", `publishing an image as ${name}`);
}
