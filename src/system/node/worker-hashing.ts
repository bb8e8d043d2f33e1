import { availableParallelism } from "node:os";
import { InstallerError } from "../../core/errors.ts";
import type { Path } from "../files.ts";
import type { ExpectedFile, HashedContent, Hashing, HashingWriter } from "../hashing.ts";
import { ExpectedFileBatch } from "./expected-file-batch.ts";
import { contentOf, WorkerHashingWriter } from "./hashing-file-writer.ts";
import { HashingThread } from "./hashing-thread.ts";

/** More threads would only compete with the network and the file-system for the cores. */
const MAX_THREADS = 2;

/** SHA-512 in worker threads, which start when they are first needed and take turns. */
export class WorkerHashing implements Hashing {
  readonly #threads: HashingThread[] = [];
  readonly #maxThreads = Math.min(MAX_THREADS, availableParallelism());
  readonly #expectedFiles = new ExpectedFileBatch(() => this.#nextThread());
  #isDisposed = false;

  async hashFile(path: Path): Promise<HashedContent> {
    return contentOf(await this.#nextThread().ask({ kind: "hash-file", path }));
  }

  async createFile(path: string): Promise<HashingWriter> {
    return new WorkerHashingWriter(path, () => this.#nextThread());
  }

  async createExpected(file: ExpectedFile): Promise<HashedContent> {
    return this.#expectedFiles.add(file);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await Promise.all(this.#threads.splice(0).map(async (thread) => thread.terminate()));
  }

  #nextThread(): HashingThread {
    if (this.#isDisposed) throw new InstallerError("E_BUG", "hashing after the end of the hashing threads");
    const isFull = this.#threads.length >= this.#maxThreads;
    const thread = (isFull ? this.#threads.shift() : undefined) ?? new HashingThread();
    this.#threads.push(thread);
    return thread;
  }
}
