import { randomUUID } from "node:crypto";
import { errnoOf, InstallerError } from "../core/errors.ts";
import type { ObjectId } from "../core/object-id.ts";
import type { FileSystem, Path } from "../system/files.ts";
import type { HashedContent, Hashing } from "../system/hashing.ts";
import { forEachConcurrently } from "./concurrency.ts";
import { corruptObject } from "./corrupt-object.ts";
import type { FileObjectStore, ObjectContent, ObjectImporter } from "./object-store.ts";

const TEMPORARY_PREFIX = ".tmp-";

/** Objects of an earlier process that are hashed at a time; there are two hashing threads. */
const CONCURRENT_CHECKS = 4;

interface DirectoryObjectStoreOptions {
  /** Absolute; made when absent. */
  readonly root: string;
  readonly files: FileSystem;
  readonly hashing: Hashing;
  /**
   * `durable` (the default) is for objects that outlive the process. `volatile` is for a cache in memory: the root must
   * be empty and nobody else's, an object is put by one caller at a time, and whatever is there after the process is
   * worth nothing. That saves two thirds of the system calls for a small object.
   */
  readonly durability?: "durable" | "volatile";
}

/** Content that has been hashed and may become an object. */
interface Staged extends HashedContent {
  readonly temporaryPath: string;
}

/**
 * Objects as files: two levels of two hex digits, then the other 124 (the image server's layout, spec/image.md 14). A
 * volatile store has one level, whose directories are made beforehand.
 *
 * An object of a durable store appears under its name by rename, after its content was hashed. What an earlier process left is hashed
 * again before it counts as present, and removed when it is damaged; so neither a crash during a write nor bad
 * storage can hand out wrong bytes. Two puts of one object at the same time are harmless: both rename equal content.
 * A volatile store holds what it has itself verified and nothing else.
 */
export class DirectoryObjectStore implements FileObjectStore, ObjectImporter {
  readonly #root: string;
  readonly #files: FileSystem;
  readonly #hashing: Hashing;
  readonly #isVolatile: boolean;
  /** Sizes of the objects that this process has verified. */
  readonly #sizes = new Map<ObjectId, number>();
  readonly #madeDirectories = new Set<string>();
  #allDirectories: Promise<void> | undefined;
  /** Unique among the processes that may share the directory. */
  readonly #temporaryStem = `${TEMPORARY_PREFIX}${randomUUID()}-`;
  #temporaryCount = 0;

  constructor({ root, files, hashing, durability }: DirectoryObjectStoreOptions) {
    this.#root = root;
    this.#files = files;
    this.#hashing = hashing;
    this.#isVolatile = durability === "volatile";
  }

  async has(id: ObjectId): Promise<boolean> {
    return (await this.size(id)) !== undefined;
  }

  async missing(ids: Iterable<ObjectId>): Promise<ReadonlySet<ObjectId>> {
    const unknown = [...ids].filter((id) => !this.#sizes.has(id));
    if (this.#isVolatile) return new Set(unknown);
    const missing = new Set<ObjectId>();
    await forEachConcurrently(unknown, CONCURRENT_CHECKS, async (id) => {
      if (!(await this.has(id))) missing.add(id);
    });
    return missing;
  }

  async size(id: ObjectId): Promise<number | undefined> {
    return this.#sizes.get(id) ?? (this.#isVolatile ? undefined : await this.#verify(id));
  }

  async put(id: ObjectId, sizeBytes: number, content: ObjectContent): Promise<void> {
    if (content instanceof Uint8Array) return this.#putWhole(id, sizeBytes, content);
    const staged = await this.#stage(limitSize(content, id, sizeBytes));
    if (staged.id !== id || staged.sizeBytes !== sizeBytes) {
      await this.#removeIfPresent(staged.temporaryPath);
      throw corruptObject(id, `its ${staged.sizeBytes} bytes have the SHA-512 ${staged.id}`);
    }
    await this.#keep(staged);
  }

  async add(content: AsyncIterable<Uint8Array>): Promise<HashedContent> {
    const staged = await this.#stage(content);
    await this.#keep(staged);
    return { id: staged.id, sizeBytes: staged.sizeBytes };
  }

  async addFile(path: Path, isWanted?: (id: ObjectId) => boolean): Promise<HashedContent> {
    // Most files of a system that is searched are not wanted: they are only read.
    const seen = isWanted === undefined ? undefined : await this.#hashing.hashFile(path);
    if (seen !== undefined && isWanted?.(seen.id) === false) return seen;
    const staged = await this.#stageFile(path);
    if (seen !== undefined && staged.id !== seen.id) {
      await this.#removeIfPresent(staged.temporaryPath);
      throw corruptObject(seen.id, "its file has changed meanwhile");
    }
    await this.#keep(staged);
    return { id: staged.id, sizeBytes: staged.sizeBytes };
  }

  async *open(id: ObjectId): AsyncGenerator<Uint8Array> {
    yield* this.#files.readStream(await this.pathOf(id));
  }

  async pathOf(id: ObjectId): Promise<string> {
    if (!this.#sizes.has(id) && !(await this.has(id)))
      throw new InstallerError("E_OBJECT_MISSING", `reading object ${id}`);
    return this.#pathOf(id);
  }

  /** Makes everything stored so far survive a power failure. Without it, a lost object is merely found missing. */
  async sync(): Promise<void> {
    await this.#files.syncFileSystem(this.#root);
  }

  async remove(id: ObjectId): Promise<void> {
    this.#sizes.delete(id);
    await this.#removeIfPresent(this.#pathOf(id));
  }

  /** Removes what a process that is gone left half-written. Call it before anything else writes here. */
  async removeTemporaries(): Promise<void> {
    await this.#makeDirectory("");
    for (const name of await this.#files.readDirectoryText(this.#root)) {
      if (name.startsWith(TEMPORARY_PREFIX)) await this.#removeIfPresent(`${this.#root}/${name}`);
    }
  }

  #pathOf(id: ObjectId): string {
    return `${this.#root}${this.#directoryOf(id)}/${id.slice(this.#isVolatile ? 2 : 4)}`;
  }

  /** Below the root. */
  #directoryOf(id: ObjectId): string {
    const first = `/${id.slice(0, 2)}`;
    return this.#isVolatile ? first : `${first}/${id.slice(2, 4)}`;
  }

  /** The size of an object left by an earlier process, if it is whole. */
  async #verify(id: ObjectId): Promise<number | undefined> {
    const path = this.#pathOf(id);
    try {
      const status = await this.#files.lstat(path);
      if (status.type !== "file") return undefined;
      const found = await this.#hashing.hashFile(path);
      if (found.id === id) {
        this.#sizes.set(id, found.sizeBytes);
        return found.sizeBytes;
      }
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return undefined;
      throw error;
    }
    await this.#removeIfPresent(path);
    return undefined;
  }

  /** Hashed before it is written, so that a volatile store can have it at its final place at once. */
  async #putWhole(id: ObjectId, sizeBytes: number, content: Uint8Array): Promise<void> {
    if (content.byteLength !== sizeBytes)
      throw corruptObject(id, `${content.byteLength} bytes arrived instead of ${sizeBytes}`);
    if (this.#isVolatile) await (this.#allDirectories ??= this.#makeAllDirectories());
    const path = this.#isVolatile ? this.#pathOf(id) : await this.#newTemporaryPath();
    const found = await this.#hashing.createExpected({ path, id, content });
    if (found.id !== id) throw corruptObject(id, `its ${sizeBytes} bytes have the SHA-512 ${found.id}`);
    if (this.#isVolatile) this.#sizes.set(id, sizeBytes);
    else await this.#keep({ id, sizeBytes, temporaryPath: path });
  }

  async #stage(content: AsyncIterable<Uint8Array>): Promise<Staged> {
    const temporaryPath = await this.#newTemporaryPath();
    const writer = await this.#hashing.createFile(temporaryPath);
    try {
      for await (const chunk of content) await writer.write(chunk);
      return { ...(await writer.finish()), temporaryPath };
    } catch (error) {
      await writer.abandon();
      throw error;
    }
  }

  /** Copies first and hashes the copy: the original may belong to a running system and change in between. */
  async #stageFile(path: Path): Promise<Staged> {
    const temporaryPath = await this.#newTemporaryPath();
    try {
      await this.#files.copyContent(path, temporaryPath);
      return { ...(await this.#hashing.hashFile(temporaryPath)), temporaryPath };
    } catch (error) {
      await this.#removeIfPresent(temporaryPath);
      throw error;
    }
  }

  async #keep({ id, sizeBytes, temporaryPath }: Staged): Promise<void> {
    try {
      if (await this.has(id)) {
        await this.#removeIfPresent(temporaryPath);
        return;
      }
      await this.#makeDirectory(this.#directoryOf(id));
      await this.#files.rename(temporaryPath, this.#pathOf(id));
      this.#sizes.set(id, sizeBytes);
    } catch (error) {
      await this.#removeIfPresent(temporaryPath);
      throw error;
    }
  }

  async #newTemporaryPath(): Promise<string> {
    await this.#makeDirectory("");
    this.#temporaryCount += 1;
    return `${this.#root}/${this.#temporaryStem}${this.#temporaryCount}`;
  }

  async #makeAllDirectories(): Promise<void> {
    await this.#makeDirectory("");
    for (let first = 0; first < 256; first++)
      await this.#makeDirectory(`/${first.toString(16).padStart(2, "0")}`);
  }

  async #makeDirectory(below: string): Promise<void> {
    if (this.#madeDirectories.has(below)) return;
    await this.#files.makeDirectory(`${this.#root}${below}`, { mode: 0o700, parents: true });
    this.#madeDirectories.add(below);
  }

  async #removeIfPresent(path: string): Promise<void> {
    try {
      await this.#files.removeFile(path);
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
    }
  }
}

/** Passes `content` on, and fails as soon as it is longer than it may be: a sender cannot fill the memory. */
async function* limitSize(
  content: AsyncIterable<Uint8Array>,
  id: ObjectId,
  sizeBytes: number,
): AsyncGenerator<Uint8Array> {
  let seenBytes = 0;
  for await (const chunk of content) {
    seenBytes += chunk.byteLength;
    if (seenBytes > sizeBytes) throw corruptObject(id, `more than the expected ${sizeBytes} bytes arrived`);
    yield chunk;
  }
}
