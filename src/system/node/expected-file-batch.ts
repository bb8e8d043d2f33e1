import { toError } from "../../core/errors.ts";
import type { ObjectId } from "../../core/object-id.ts";
import type { ExpectedFile, HashedContent } from "../hashing.ts";
import type { ExpectedPart, HashingReply } from "./hashing-messages.ts";
import { type HashingThread, inflate } from "./hashing-thread.ts";
import { joinMovable } from "./movable-bytes.ts";

/** A message to a worker costs about as much as copying this much into it. */
const BATCH_BYTES = 256 * 1024;

interface WaitingFile extends ExpectedFile {
  readonly resolve: (content: HashedContent) => void;
  readonly reject: (error: Error) => void;
}

/** Collects the files of one turn of the event loop, so that small ones do not each cost a message to a worker. */
export class ExpectedFileBatch {
  readonly #takeThread: () => HashingThread;
  #waiting: WaitingFile[] = [];
  #waitingBytes = 0;

  constructor(takeThread: () => HashingThread) {
    this.#takeThread = takeThread;
  }

  async add(file: ExpectedFile): Promise<HashedContent> {
    const { promise, resolve, reject } = Promise.withResolvers<HashedContent>();
    if (this.#waiting.length === 0) setImmediate(() => this.#send());
    this.#waiting.push({ ...file, resolve, reject });
    this.#waitingBytes += file.content.byteLength;
    if (this.#waitingBytes >= BATCH_BYTES) this.#send();
    return promise;
  }

  #send(): void {
    const files = this.#waiting;
    if (files.length === 0) return;
    // Measured before the content moves to another thread and has no length here any more.
    const parts = files.map(({ path, id, content }) => ({ path, digest: id, sizeBytes: content.byteLength }));
    this.#waiting = [];
    // What each content is a part of may be much larger, and would be copied as a whole.
    const content = joinMovable(
      files.map((file) => file.content),
      this.#waitingBytes,
    );
    this.#waitingBytes = 0;
    const ask = async (): Promise<HashingReply> =>
      this.#takeThread().ask({ kind: "create-expected", files: parts, content }, [content.buffer]);
    ask().then(
      ({ outcomes = [] }) => settle(files, parts, outcomes),
      (error: unknown) => {
        for (const file of files) file.reject(toError(error));
      },
    );
  }
}

function settle(
  files: readonly WaitingFile[],
  parts: readonly ExpectedPart[],
  outcomes: NonNullable<HashingReply["outcomes"]>,
): void {
  for (const [index, { resolve, reject }] of files.entries()) {
    const outcome = outcomes[index] ?? { message: "the hashing thread left out a file" };
    if (typeof outcome !== "string") reject(inflate(outcome));
    else resolve({ id: outcome as ObjectId, sizeBytes: parts[index]?.sizeBytes ?? 0 });
  }
}
