import { type ByteString, bytesOf, displayOf } from "../core/byte-string.ts";
import { errnoOf, InstallerError } from "../core/errors.ts";
import type { FileObjectStore } from "../objectcache/object-store.ts";
import type { FileSystem } from "../system/files.ts";
import { EPOCH, fileTimeOf } from "./inode-time.ts";
import { PERMISSION_MASK } from "./mode.ts";
import type { InodeNumber, RegularInode } from "./model.ts";
import type { FileInode } from "./unpack-plan.ts";

interface InodeMakerOptions {
  readonly files: FileSystem;
  readonly objects: FileObjectStore;
  readonly onProgress?: (inodes: number, bytes: number) => void;
}

/** link(2) refused for a reason that a copy does not have: another file-system, or too many links. */
const COPY_INSTEAD = new Set(["EXDEV", "EMLINK"]);

/** Makes everything but directories, at places where nothing is in the way. */
export class InodeMaker {
  readonly #files: FileSystem;
  readonly #objects: FileObjectStore;
  readonly #onProgress: (inodes: number, bytes: number) => void;
  /** Paths to link to: one for each file-system of the target on which the inode exists. */
  readonly #anchors = new Map<InodeNumber, ByteString[]>();
  readonly #made = { inodes: 0, objects: 0, bytes: 0 };

  constructor({ files, objects, onProgress }: InodeMakerOptions) {
    this.#files = files;
    this.#objects = objects;
    this.#onProgress = onProgress ?? (() => undefined);
  }

  get made(): Readonly<{ inodes: number; objects: number; bytes: number }> {
    return this.#made;
  }

  async make(number: InodeNumber, inode: FileInode, path: ByteString, isLinked: boolean): Promise<void> {
    await this.#create(inode, path, isLinked);
    await this.#applyMetadata(inode, bytesOf(path));
    const anchors = this.#anchors.get(number);
    if (anchors === undefined) this.#anchors.set(number, [path]);
    else anchors.push(path);
    this.#made.inodes += 1;
    if (inode.kind === "regular" && inode.sizeBytes > 0) {
      this.#made.objects += 1;
      this.#made.bytes += inode.sizeBytes;
    }
    this.#onProgress(this.#made.inodes, this.#made.bytes);
  }

  /** Gives an inode that was made another name, or makes it anew where a link cannot reach. */
  async link(number: InodeNumber, inode: FileInode, path: ByteString): Promise<void> {
    for (const anchor of this.#anchors.get(number) ?? []) {
      if (await this.#tryLink(bytesOf(anchor), bytesOf(path))) return;
    }
    await this.make(number, inode, path, false);
  }

  async #create(inode: FileInode, path: ByteString, isLinked: boolean): Promise<void> {
    const place = bytesOf(path);
    switch (inode.kind) {
      case "regular":
        if (inode.sizeBytes > 0) return this.#createContent(inode, place, isLinked);
        return this.#files.writeFile(place, "", { mode: 0o600 });
      case "computed":
        return this.#files.writeFile(place, "", { mode: 0o600 });
      case "symlink":
        return this.#files.makeSymlink(bytesOf(inode.target), place);
      case "special":
        return this.#files.makeNode(place, inode.mode, inode.rdev);
    }
  }

  async #createContent(inode: RegularInode, place: Buffer, isLinked: boolean): Promise<void> {
    const object = await this.#objects.pathOf(inode.objectId);
    if (isLinked && (await this.#tryLink(object, place))) return;
    await this.#files.copyContent(object, place);
  }

  async #tryLink(existing: string | Buffer, place: Buffer): Promise<boolean> {
    try {
      await this.#files.makeLink(existing, place);
      return true;
    } catch (error) {
      if (COPY_INSTEAD.has(errnoOf(error) ?? "")) return false;
      throw error;
    }
  }

  async #applyMetadata(inode: FileInode, place: Buffer): Promise<void> {
    await this.#files.changeOwner(place, inode.uid, inode.gid);
    if (inode.kind === "symlink") return;
    // After the owner: chown(2) takes the set-uid and set-gid bits away.
    await this.#files.changeMode(place, inode.mode & PERMISSION_MASK);
    await this.#files.changeTimes(place, inode.kind === "computed" ? EPOCH : fileTimeOf(inode));
  }
}

/**
 * Removes what lies where `inode` is due. A directory in the way goes with all its content when a link or node is due
 * (as the original does), and is an error when a file is.
 */
export async function clearPlace(path: ByteString, inode: FileInode, files: FileSystem): Promise<void> {
  const place = bytesOf(path);
  let isDirectory: boolean;
  try {
    isDirectory = (await files.lstat(place)).type === "directory";
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return;
    throw error;
  }
  if (!isDirectory) await files.removeFile(place);
  else if (inode.kind === "symlink" || inode.kind === "special") await files.removeTree(place);
  else throw new InstallerError("E_IMAGE_UNPACK", `${displayOf(path)} is a directory`);
}
