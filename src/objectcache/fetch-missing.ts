import { setTimeout as sleep } from "node:timers/promises";
import { hasCode, InstallerError } from "../core/errors.ts";
import type { ObjectId } from "../core/object-id.ts";
import { corruptObject } from "./corrupt-object.ts";
import type { ObjectContent, ObjectSource, ObjectStore, OfferedObject } from "./object-store.ts";

/** How far a download is; everything counted from its beginning. */
export interface FetchProgress {
  readonly objects: number;
  /** Includes the part of the object that is arriving right now. */
  readonly bytes: number;
}

export interface FetchResult {
  readonly objects: number;
  readonly bytes: number;
  readonly durationMs: number;
}

export interface FetchRequest {
  readonly wanted: ReadonlyMap<ObjectId, number>;
  readonly store: ObjectStore;
  readonly source: ObjectSource;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: FetchProgress) => void;
  /** Told before each new attempt. */
  readonly onRetry?: (error: unknown, attempt: number, delayMs: number) => void;
  /** Attempts in a row that bring no object, at least 1; default 8. */
  readonly attempts?: number;
  /** Pause after the first failure, doubled up to a minute; default 500. */
  readonly firstDelayMs?: number;
}

const DEFAULT_ATTEMPTS = 8;
const DEFAULT_FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 60_000;

/** What may still be on its way into the store while later objects arrive. */
const MAX_STORING_OBJECTS = 256;
const MAX_STORING_BYTES = 8 * 1024 * 1024;
/** However large an object is, a store holds no more of it in memory. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

/**
 * Fetches the wanted objects that the store lacks. Nothing that was stored is fetched twice: after a failure of the
 * network only what is still missing is asked for again. An object whose content is wrong is asked for once more,
 * then it is E_OBJECT_CORRUPT; one that the source does not deliver is E_OBJECT_MISSING.
 */
export async function fetchMissing(request: FetchRequest): Promise<FetchResult> {
  const startMs = performance.now();
  const fetch = new Fetch(request);
  const attempts = request.attempts ?? DEFAULT_ATTEMPTS;
  let fruitless = 0;
  for (;;) {
    const missing = await request.store.missing(request.wanted.keys());
    if (missing.size === 0) break;
    const before = fetch.objects;
    try {
      await fetch.attempt(missing);
    } catch (error) {
      request.signal.throwIfAborted();
      fruitless = fetch.objects > before ? 1 : fruitless + 1;
      if (!fetch.isWorthRetrying(error) || fruitless >= attempts) throw error;
      const delayMs = Math.min(
        MAX_DELAY_MS,
        (request.firstDelayMs ?? DEFAULT_FIRST_DELAY_MS) * 2 ** (fruitless - 1),
      );
      request.onRetry?.(error, fruitless, delayMs);
      await sleep(delayMs, undefined, { signal: request.signal });
    }
  }
  return { objects: fetch.objects, bytes: fetch.bytes, durationMs: performance.now() - startMs };
}

/** The state that outlives one attempt. */
class Fetch {
  objects = 0;
  bytes = 0;
  readonly #request: FetchRequest;
  readonly #corrupted = new Set<ObjectId>();
  #isHopeless = false;
  #arrivingBytes = 0;

  constructor(request: FetchRequest) {
    this.#request = request;
  }

  /**
   * One pass over the source. An object is handed on as soon as its last byte has arrived, so that the network is
   * read while earlier objects are hashed and written; how much that is is bounded, hence the memory.
   */
  async attempt(missing: ReadonlySet<ObjectId>): Promise<void> {
    const awaited = new Set(missing);
    const storing = new StoringObjects();
    try {
      for await (const object of this.#request.source.getObjects([...missing], this.#request.signal)) {
        this.#request.signal.throwIfAborted();
        this.#check(object, awaited);
        const { content } = object;
        if (content instanceof Uint8Array) storing.add(object.sizeBytes, this.#store(object, content));
        else await this.#passOn(object, content, storing);
        if (storing.isFull) await storing.untilRoom();
        if (storing.hasFailed) break;
      }
    } catch (error) {
      storing.fail(error);
    }
    await storing.untilDone();
    this.#arrivingBytes = 0;
    storing.throwFailure();
    const [first] = awaited;
    if (first !== undefined) {
      throw new InstallerError("E_OBJECT_MISSING", `fetching ${awaited.size} objects, among them ${first}`);
    }
  }

  /** Failures of the network pass; a corrupt object gets exactly one more chance. */
  isWorthRetrying(error: unknown): boolean {
    return isNetworkFailure(error) || (hasCode(error, "E_OBJECT_CORRUPT") && !this.#isHopeless);
  }

  /** Refuses what was not asked for. */
  #check({ id, sizeBytes }: OfferedObject, awaited: Set<ObjectId>): void {
    const expectedBytes = this.#request.wanted.get(id);
    if (expectedBytes === undefined || !awaited.delete(id)) {
      this.#noteCorruption(id);
      throw corruptObject(id, "the source sent it without being asked");
    }
    if (sizeBytes !== expectedBytes) {
      this.#noteCorruption(id);
      throw corruptObject(id, `the source offers ${sizeBytes} bytes, not ${expectedBytes}`);
    }
  }

  /** Resolves when the last byte has arrived, or nothing more is going to be read. */
  async #passOn(
    object: OfferedObject,
    content: AsyncIterable<Uint8Array>,
    storing: StoringObjects,
  ): Promise<void> {
    const arrived = Promise.withResolvers<void>();
    const stored = this.#store(object, this.#counted(content, arrived.resolve));
    storing.add(Math.min(object.sizeBytes, MAX_HELD_BYTES), stored.finally(arrived.resolve));
    await arrived.promise;
  }

  async #store({ id, sizeBytes }: OfferedObject, content: ObjectContent): Promise<void> {
    try {
      await this.#request.store.put(id, sizeBytes, content);
    } catch (error) {
      if (hasCode(error, "E_OBJECT_CORRUPT")) this.#noteCorruption(id);
      throw error;
    }
    this.objects += 1;
    this.bytes += sizeBytes;
    if (!(content instanceof Uint8Array)) this.#arrivingBytes = Math.max(0, this.#arrivingBytes - sizeBytes);
    this.#report();
  }

  #noteCorruption(id: ObjectId): void {
    this.#isHopeless ||= this.#corrupted.has(id);
    this.#corrupted.add(id);
  }

  async *#counted(content: AsyncIterable<Uint8Array>, onArrived: () => void): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      this.#arrivingBytes += chunk.byteLength;
      this.#report();
      yield chunk;
    }
    onArrived();
  }

  #report(): void {
    this.#request.onProgress?.({ objects: this.objects, bytes: this.bytes + this.#arrivingBytes });
  }
}

/** The puts that have not ended, and the first failure among them. */
class StoringObjects {
  #objects = 0;
  #bytes = 0;
  #failures: unknown[] = [];
  #onEnded: () => void = () => undefined;

  /** Counts `heldBytes` until `stored` settles. */
  add(heldBytes: number, stored: Promise<void>): void {
    this.#objects += 1;
    this.#bytes += heldBytes;
    stored
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        this.#objects -= 1;
        this.#bytes -= heldBytes;
        this.#onEnded();
      });
  }

  fail(error: unknown): void {
    this.#failures.push(error);
  }

  get hasFailed(): boolean {
    return this.#failures.length > 0;
  }

  throwFailure(): void {
    if (this.hasFailed) throw this.#failures[0];
  }

  get isFull(): boolean {
    return this.#objects >= MAX_STORING_OBJECTS || this.#bytes >= MAX_STORING_BYTES;
  }

  async untilRoom(): Promise<void> {
    while (this.isFull) await this.#untilNextEnd();
  }

  async untilDone(): Promise<void> {
    while (this.#objects > 0) await this.#untilNextEnd();
  }

  async #untilNextEnd(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEnded = resolve;
    await promise;
  }
}

function isNetworkFailure(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current instanceof InstallerError && current.kind === "network") return true;
  }
  return false;
}
