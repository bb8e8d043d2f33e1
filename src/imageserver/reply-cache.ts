/** A fleet installs one image and unpacks one for its tools; each of them at all machines at once. */
const MAX_REPLIES = 4;

/** Remembers the encoded replies that were asked for last. What is being made is made once, for all who ask. */
export class ReplyCache {
  readonly #replies = new Map<string, Promise<Uint8Array>>();

  /** The reply under `key`, made by `make` when it is not there. A failure is not remembered. */
  async get(key: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const reply = this.#replies.get(key) ?? make();
    // To the end of the map, which is the end of the queue of those to be forgotten.
    this.#replies.delete(key);
    this.#replies.set(key, reply);
    for (const oldest of this.#replies.keys()) {
      if (this.#replies.size <= MAX_REPLIES) break;
      this.#replies.delete(oldest);
    }
    try {
      return await reply;
    } catch (error) {
      if (this.#replies.get(key) === reply) this.#replies.delete(key);
      throw error;
    }
  }
}
