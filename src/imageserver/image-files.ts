import { randomUUID } from "node:crypto";
import { errnoOf } from "../core/errors.ts";
import type { FileStatus, FileSystem } from "../system/files.ts";
import { directoryOfImage, isImageName, isNameComponent, ROOT_DIRECTORY } from "./image-name.ts";

const FILE_LIMIT_BYTES = 256 * 1024 * 1024;
/** Marks temporaries, which no image name can end in. */
const TEMPORARY_SUFFIX = "~";

/**
 * The files and directories of an image directory by the names of images. What is no image name is never looked for, and
 * no link is followed. System errors pass as they are.
 */
export class ImageFiles {
  readonly #root: string;
  readonly #files: FileSystem;

  /** `root` is absolute; it need not exist yet. */
  constructor(root: string, files: FileSystem) {
    this.#root = root;
    this.#files = files;
  }

  pathOf(name: string): string {
    return name === ROOT_DIRECTORY ? this.#root : `${this.#root}/${name}`;
  }

  /** Undefined when there is nothing of that name. */
  async statusOf(name: string): Promise<FileStatus | undefined> {
    return isImageName(name) ? orAbsent(this.#files.lstat(this.pathOf(name))) : undefined;
  }

  async hasDirectory(name: string): Promise<boolean> {
    return name === ROOT_DIRECTORY || (await this.statusOf(name))?.type === "directory";
  }

  /** Names and status of what may be images and directories; nothing when the directory has just vanished. */
  async entriesOf(directory: string): Promise<readonly (readonly [string, FileStatus])[]> {
    const leaves = await orAbsent(this.#files.readDirectoryText(this.pathOf(directory)));
    const entries: (readonly [string, FileStatus])[] = [];
    for (const leaf of leaves ?? []) {
      if (!isNameComponent(leaf)) continue;
      const name = directory === ROOT_DIRECTORY ? leaf : `${directory}/${leaf}`;
      const status = await this.statusOf(name);
      if (status !== undefined) entries.push([name, status]);
    }
    return entries;
  }

  async read(name: string): Promise<Buffer> {
    return this.#files.readFile(this.pathOf(name), { limitBytes: FILE_LIMIT_BYTES });
  }

  /** A new file, with the directories above it; it survives a power failure. EEXIST when the name is taken. */
  async create(name: string, content: Uint8Array): Promise<void> {
    await this.#files.makeDirectory(this.pathOf(directoryOfImage(name)), { parents: true });
    // A link, not a rename: of two that make the same file, one must lose.
    await this.#write(name, content, (temporary, path) => this.#files.makeLink(temporary, path));
  }

  /** Puts other content in the place of a file, all of it or, after a power failure, nothing. */
  async replace(name: string, content: Uint8Array): Promise<void> {
    await this.#write(name, content, (temporary, path) => this.#files.rename(temporary, path));
  }

  async remove(name: string): Promise<void> {
    await orAbsent(this.#files.removeFile(this.pathOf(name)));
  }

  /** In a directory that exists; EEXIST when the name is taken. */
  async makeDirectory(name: string): Promise<void> {
    await this.#files.makeDirectory(this.pathOf(name));
    await this.#files.syncFileSystem(this.#root);
  }

  /** ENOTEMPTY when there is anything in it. */
  async removeDirectory(name: string): Promise<void> {
    await this.#files.removeDirectory(this.pathOf(name));
    await this.#files.syncFileSystem(this.#root);
  }

  async makeRoot(): Promise<void> {
    await this.#files.makeDirectory(this.#root, { parents: true });
  }

  /** Removes what interrupted writers left. Not while something is being written. */
  async removeTemporaries(directory: string): Promise<void> {
    const path = this.pathOf(directory);
    for (const leaf of await this.#files.readDirectoryText(path))
      if (leaf.endsWith(TEMPORARY_SUFFIX)) await orAbsent(this.#files.removeFile(`${path}/${leaf}`));
  }

  async #write(
    name: string,
    content: Uint8Array,
    publish: (temporary: string, path: string) => Promise<void>,
  ): Promise<void> {
    const path = this.pathOf(name);
    const directory = this.pathOf(directoryOfImage(name));
    const temporary = `${path}.${randomUUID()}${TEMPORARY_SUFFIX}`;
    try {
      await this.#files.writeFile(temporary, content);
      await this.#files.syncFileSystem(directory);
      await publish(temporary, path);
    } finally {
      await orAbsent(this.#files.removeFile(temporary));
    }
    await this.#files.syncFileSystem(directory);
  }
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
