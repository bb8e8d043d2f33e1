import { errnoOf, InstallerError } from "../core/errors.ts";
import type { ImageFiles } from "./image-files.ts";
import { directoryOfImage, normaliseDirectory, ROOT_DIRECTORY } from "./image-name.ts";

/** The directories of an image directory (spec/imageservice.md 5.1, 5.3). Error texts are those of the original. */
export class ImageDirectories {
  readonly #files: ImageFiles;

  constructor(files: ImageFiles) {
    this.#files = files;
  }

  /** Makes a directory, its name put in order before; E_IMAGE_NAME, E_IMAGE_REQUEST. */
  async make(name: string): Promise<void> {
    const directory = requireDirectoryName(name);
    if (directory === ROOT_DIRECTORY || (await this.#files.statusOf(directory)) !== undefined)
      throw alreadyExists(directory);
    const parent = directoryOfImage(directory);
    if (!(await this.#files.hasDirectory(parent))) throw refused(`no metadata for: ${parent}`);
    await this.#make(directory);
  }

  /** As `make`, with all that is missing above; what exists is fine. */
  async makeAll(name: string): Promise<void> {
    const directory = requireDirectoryName(name);
    if (directory === ROOT_DIRECTORY) throw refused("cannot create root directory");
    const components = directory.split("/");
    for (const depth of components.keys()) {
      const ancestor = components.slice(0, depth + 1).join("/");
      if (!(await this.#files.hasDirectory(ancestor))) await this.#makeOrFind(ancestor);
    }
  }

  /** Deletes an empty directory; E_IMAGE_REQUEST. */
  async delete(name: string): Promise<void> {
    if (name === ROOT_DIRECTORY) throw refused("cannot delete root directory");
    if (!(await this.#files.hasDirectory(name))) throw refused(`directory: ${name} does not exist`);
    try {
      await this.#files.removeDirectory(name);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === "ENOTEMPTY") throw refused(`remove ${name}: directory not empty`);
      throw errno === "ENOENT" ? refused(`directory: ${name} does not exist`) : error;
    }
  }

  /** Somebody else may make it at the same time. */
  async #makeOrFind(directory: string): Promise<void> {
    try {
      await this.#make(directory);
    } catch (error) {
      if (!(await this.#files.hasDirectory(directory))) throw error;
    }
  }

  async #make(directory: string): Promise<void> {
    try {
      await this.#files.makeDirectory(directory);
    } catch (error) {
      throw errnoOf(error) === "EEXIST" ? alreadyExists(directory) : error;
    }
  }
}

function requireDirectoryName(name: string): string {
  const directory = normaliseDirectory(name);
  if (directory === undefined)
    throw new InstallerError("E_IMAGE_NAME", `making the directory ${JSON.stringify(name)}`);
  return directory;
}

function alreadyExists(directory: string): InstallerError {
  return refused(`directory: ${directory} already exists`);
}

function refused(text: string): InstallerError {
  return new InstallerError("E_IMAGE_REQUEST", text);
}
