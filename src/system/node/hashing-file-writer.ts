import { hash } from "node:crypto";
import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { errnoOf, toError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/object-id.ts";
import type { HashedContent, HashingWriter } from "../hashing.ts";
import type { HashingReply } from "./hashing-messages.ts";
import type { HashingThread } from "./hashing-thread.ts";
import { joinMovable } from "./movable-bytes.ts";

/** Bytes that a writer may have handed over and that the worker has not written yet. */
const MAX_IN_FLIGHT_BYTES = 4 * 1024 * 1024;

/** A message to a worker takes about as long as copying this much. */
const PIECE_BYTES = 512 * 1024;

/** A file of this size is hashed (16 µs) and written on the spot, in less time than a message to a worker takes. */
const SMALL_FILE_BYTES = 16 * 1024;

/** Writes one file; a worker hashes and writes what is not small. Errors of a write show at a later write or at finish. */
export class WorkerHashingWriter implements HashingWriter {
  readonly #path: string;
  readonly #fd: number;
  readonly #takeThread: () => HashingThread;
  /** Writes on their way, oldest first; they are answered in this order. */
  readonly #unanswered: Promise<void>[] = [];
  #thread: HashingThread | undefined;
  /** Not handed over yet. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #inFlightBytes = 0;
  #failure: Error | undefined;
  #isOpen = true;

  constructor(path: string, takeThread: () => HashingThread) {
    this.#path = path;
    this.#takeThread = takeThread;
    this.#fd = openSync(path, "wx", 0o600);
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#held.push(chunk);
    this.#heldBytes += chunk.byteLength;
    if (this.#heldBytes < PIECE_BYTES) return;
    this.#thread ??= this.#takeThread();
    this.#sendHeld(this.#thread);
    while (this.#inFlightBytes > MAX_IN_FLIGHT_BYTES) await this.#unanswered[0];
    if (this.#failure !== undefined) throw this.#failure;
  }

  async finish(): Promise<HashedContent> {
    try {
      if (this.#thread === undefined && this.#heldBytes <= SMALL_FILE_BYTES) return this.#finishSmall();
      this.#thread ??= this.#takeThread();
      return await this.#finishIn(this.#thread);
    } catch (error) {
      await this.abandon();
      throw error;
    }
  }

  async abandon(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    // The worker must be done with the descriptor before its number can mean another file.
    await this.#thread?.ask({ kind: "forget", fd: this.#fd }).catch(() => undefined);
    closeSync(this.#fd);
    try {
      unlinkSync(this.#path);
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
    }
  }

  #sendHeld(thread: HashingThread): void {
    const owned = joinMovable(this.#held, this.#heldBytes);
    this.#held = [];
    this.#heldBytes = 0;
    // Measured now: a buffer that has moved to another thread has no length here.
    const sizeBytes = owned.byteLength;
    this.#inFlightBytes += sizeBytes;
    const answered = thread
      .ask({ kind: "write", fd: this.#fd, chunk: owned }, [owned.buffer])
      .catch((error: unknown) => {
        this.#failure ??= toError(error);
      })
      .then(() => {
        this.#inFlightBytes -= sizeBytes;
        void this.#unanswered.shift();
      });
    this.#unanswered.push(answered);
  }

  #finishSmall(): HashedContent {
    const content = joinMovable(this.#held, this.#heldBytes);
    for (let written = 0; written < content.byteLength; ) written += writeSync(this.#fd, content, written);
    this.#close();
    return { id: hash("sha512", content, "hex") as ObjectId, sizeBytes: content.byteLength };
  }

  async #finishIn(thread: HashingThread): Promise<HashedContent> {
    if (this.#heldBytes > 0) this.#sendHeld(thread);
    // Answers come in the order of the requests: this one says that all writes are answered too.
    const reply = await thread.ask({ kind: "finish", fd: this.#fd });
    if (this.#failure !== undefined) throw this.#failure;
    this.#close();
    return contentOf(reply);
  }

  #close(): void {
    this.#isOpen = false;
    closeSync(this.#fd);
  }
}

/** The result in an answer to `hash-file` or `finish`. */
export function contentOf({ digest = "", sizeBytes = 0 }: HashingReply): HashedContent {
  return { id: digest as ObjectId, sizeBytes };
}
