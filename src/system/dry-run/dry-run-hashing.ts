import { createHash } from "node:crypto";
import { objectIdFromBytes } from "../../core/object-id.ts";
import type { Path } from "../files.ts";
import type { ExpectedFile, HashedContent, Hashing, HashingWriter } from "../hashing.ts";
import { systemError } from "../system-error.ts";
import type { DryRunFileSystem } from "./dry-run-file-system.ts";

/** Larger content is hashed and forgotten. */
const LARGEST_KEPT_BYTES = 64 * 1024;

/** Hashes what is there; what would be written is hashed and remembered by size. */
export class DryRunHashing implements Hashing {
  readonly #real: Hashing;
  readonly #files: DryRunFileSystem;

  constructor(real: Hashing, files: DryRunFileSystem) {
    this.#real = real;
    this.#files = files;
  }

  async hashFile(path: Path): Promise<HashedContent> {
    if (!this.#files.isWritten(path)) return this.#real.hashFile(path);
    return hashedContent(await this.#files.readFile(path));
  }

  async createFile(path: string): Promise<HashingWriter> {
    if (await this.#files.exists(path)) throw systemError("EEXIST", "open", path);
    await this.#files.writeFile(path, "", { mode: 0o600 });
    const hash = createHash("sha512");
    const kept: Uint8Array[] = [];
    let sizeBytes = 0;
    return {
      write: async (chunk) => {
        hash.update(chunk);
        sizeBytes += chunk.byteLength;
        if (sizeBytes <= LARGEST_KEPT_BYTES) kept.push(chunk);
        else kept.length = 0;
      },
      finish: async () => {
        this.#files.remember(
          path,
          sizeBytes,
          sizeBytes <= LARGEST_KEPT_BYTES ? Buffer.concat(kept) : undefined,
        );
        return { id: objectIdFromBytes(hash.digest()), sizeBytes };
      },
      abandon: async () => this.#files.removeTree(path),
    };
  }

  async createExpected({ path, id, content }: ExpectedFile): Promise<HashedContent> {
    const hashed = hashedContent(content);
    if (hashed.id !== id) return hashed;
    const writer = await this.createFile(path);
    await writer.write(content);
    return writer.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The real one belongs to whoever made it.
  }
}

function hashedContent(content: Uint8Array): HashedContent {
  const digest = createHash("sha512").update(content).digest();
  return { id: objectIdFromBytes(digest), sizeBytes: content.byteLength };
}
