import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { InstallerError } from "../../../src/core/errors.ts";
import type { ObjectId } from "../../../src/core/object-id.ts";
import {
  type FetchProgress,
  type FetchRequest,
  fetchMissing,
} from "../../../src/objectcache/fetch-missing.ts";
import type {
  ObjectContent,
  ObjectSource,
  ObjectStore,
  OfferedObject,
} from "../../../src/objectcache/object-store.ts";
import { idOf } from "../../support/image-trees.ts";

/** Keeps verified contents; `beforeKeep` can delay or fail a put after its content was read. */
class FakeStore implements ObjectStore {
  readonly contents = new Map<ObjectId, Buffer>();
  readonly #beforeKeep: (id: ObjectId) => Promise<void>;

  constructor(beforeKeep: (id: ObjectId) => Promise<void> = async () => undefined) {
    this.#beforeKeep = beforeKeep;
  }

  async has(id: ObjectId): Promise<boolean> {
    return this.contents.has(id);
  }

  async missing(ids: Iterable<ObjectId>): Promise<ReadonlySet<ObjectId>> {
    return new Set([...ids].filter((id) => !this.contents.has(id)));
  }

  async size(id: ObjectId): Promise<number | undefined> {
    return this.contents.get(id)?.byteLength;
  }

  async put(id: ObjectId, sizeBytes: number, content: ObjectContent): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content instanceof Uint8Array ? [content] : content) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    await this.#beforeKeep(id);
    if (idOf(bytes) !== id || bytes.byteLength !== sizeBytes) {
      throw new InstallerError("E_OBJECT_CORRUPT", `storing object ${id}`);
    }
    this.contents.set(id, bytes);
  }

  open(): AsyncIterable<Uint8Array> {
    throw new Error("not used");
  }
}

/** What a source does with each object of one attempt, in order. */
type Behaviour = (text: string) => Buffer | Error;

class FakeSource implements ObjectSource {
  readonly requests: string[][] = [];
  readonly #texts: ReadonlyMap<ObjectId, string>;
  readonly #attempts: Behaviour[];

  constructor(texts: readonly string[], attempts: readonly Behaviour[] = []) {
    this.#texts = new Map(texts.map((text) => [idOf(text), text]));
    this.#attempts = [...attempts];
  }

  async *getObjects(ids: readonly ObjectId[]): AsyncGenerator<OfferedObject> {
    const texts = ids.map((id) => this.#texts.get(id) ?? "?");
    this.requests.push(texts);
    const behave = this.#attempts.shift() ?? ((text) => Buffer.from(text));
    for (const [index, id] of ids.entries()) {
      const text = texts[index] ?? "";
      const behaviour = behave(text);
      if (behaviour instanceof Error) throw behaviour;
      yield { id, sizeBytes: text.length, content: chunksOf(behaviour) };
    }
  }
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.byteLength; offset += 2) yield bytes.subarray(offset, offset + 2);
}

const lost = new InstallerError("E_CONNECTION_LOST", "reading objects");

function request(
  texts: readonly string[],
  source: ObjectSource,
  store: ObjectStore,
  extra: Partial<FetchRequest> = {},
): FetchRequest {
  return {
    wanted: new Map(texts.map((text) => [idOf(text), text.length])),
    source,
    store,
    signal: new AbortController().signal,
    firstDelayMs: 0,
    ...extra,
  };
}

const TEXTS = ["one", "two", "three", "four"];

test("everything that is missing is fetched in one request, and only that", async () => {
  const store = new FakeStore();
  store.contents.set(idOf("two"), Buffer.from("two"));
  const source = new FakeSource(TEXTS);
  const result = await fetchMissing(request(TEXTS, source, store));
  expect(result).toMatchObject({ objects: 3, bytes: 12 });
  expect(source.requests).toEqual([["one", "three", "four"]]);
  expect(store.contents.size).toBe(4);
});

test("nothing is asked for when nothing is missing", async () => {
  const store = new FakeStore();
  store.contents.set(idOf("one"), Buffer.from("one"));
  const source = new FakeSource(TEXTS);
  expect(await fetchMissing(request(["one"], source, store))).toMatchObject({ objects: 0, bytes: 0 });
  expect(source.requests).toEqual([]);
});

describe("after a lost connection", () => {
  test("only what is still missing is asked for", async () => {
    const store = new FakeStore();
    const retries: unknown[] = [];
    const source = new FakeSource(TEXTS, [(text) => (text === "three" ? lost : Buffer.from(text))]);
    const onRetry: FetchRequest["onRetry"] = (error, attempt) => retries.push([error, attempt]);
    const result = await fetchMissing(request(TEXTS, source, store, { onRetry }));
    expect(source.requests).toEqual([TEXTS, ["three", "four"]]);
    expect(result).toMatchObject({ objects: 4, bytes: 15 });
    expect(retries).toEqual([[lost, 1]]);
  });

  test("attempts that bring nothing are counted, attempts that bring something start anew", async () => {
    const store = new FakeStore();
    const stopAfter =
      (...allowed: string[]): Behaviour =>
      (text) =>
        allowed.includes(text) ? Buffer.from(text) : lost;
    const behaviours = [
      stopAfter("one"),
      stopAfter(),
      stopAfter("two"),
      stopAfter(),
      stopAfter("three"),
      stopAfter(),
    ];
    const source = new FakeSource(TEXTS, behaviours);
    await fetchMissing(request(TEXTS, source, store, { attempts: 3 }));
    expect(source.requests).toHaveLength(7);
    const hopeless = new FakeSource(
      TEXTS,
      Array.from({ length: 9 }, () => stopAfter()),
    );
    await expect(fetchMissing(request(TEXTS, hopeless, new FakeStore(), { attempts: 3 }))).rejects.toBe(lost);
    expect(hopeless.requests).toHaveLength(3);
  });

  test("a network failure is recognised below other errors", async () => {
    const wrapped = new InstallerError("E_BUG", "reading objects", { cause: lost });
    const source = new FakeSource(TEXTS, [() => wrapped]);
    await fetchMissing(request(TEXTS, source, new FakeStore()));
    expect(source.requests).toHaveLength(2);
  });

  test("errors that are not the network's are not retried", async () => {
    const denied = new InstallerError("E_BUG", "no");
    const source = new FakeSource(TEXTS, [() => denied]);
    await expect(fetchMissing(request(TEXTS, source, new FakeStore()))).rejects.toBe(denied);
    expect(source.requests).toHaveLength(1);
  });
});

test("whole and streamed objects of one answer are both stored", async () => {
  const store = new FakeStore();
  const source: ObjectSource = {
    async *getObjects() {
      yield { id: idOf("one"), sizeBytes: 3, content: Buffer.from("one") };
      yield { id: idOf("three"), sizeBytes: 5, content: chunksOf(Buffer.from("three")) };
    },
  };
  const reports: FetchProgress[] = [];
  const onProgress = (progress: FetchProgress): void => void reports.push(progress);
  await fetchMissing(request(["one", "three"], source, store, { onProgress }));
  expect(store.contents.size).toBe(2);
  expect(reports.at(-1)).toEqual({ objects: 2, bytes: 8 });
});

describe("wrong content", () => {
  const bad: Behaviour = (text) => Buffer.from(text === "two" ? "twO" : text);

  test("is asked for once more", async () => {
    const store = new FakeStore();
    const source = new FakeSource(TEXTS, [bad]);
    await fetchMissing(request(TEXTS, source, store));
    expect(source.requests).toHaveLength(2);
    expect(store.contents.get(idOf("two"))?.toString()).toBe("two");
  });

  test("that arrived whole is asked for once more as well", async () => {
    const store = new FakeStore();
    const answers = ["twO", "two"];
    const source: ObjectSource = {
      async *getObjects() {
        yield { id: idOf("two"), sizeBytes: 3, content: Buffer.from(answers.shift() ?? "") };
      },
    };
    await fetchMissing(request(["two"], source, store));
    expect(store.contents.get(idOf("two"))?.toString()).toBe("two");
  });

  test("is fatal the second time and names the object", async () => {
    const store = new FakeStore();
    const source = new FakeSource(TEXTS, [bad, bad]);
    await expect(fetchMissing(request(TEXTS, source, store))).rejects.toMatchObject({
      code: "E_OBJECT_CORRUPT",
      message: expect.stringContaining(idOf("two")),
    });
    expect(source.requests).toHaveLength(2);
    expect(store.contents.has(idOf("two"))).toBe(false);
  });

  test("a size other than that of the image is refused before the content is read", async () => {
    const store = new FakeStore();
    const source = new FakeSource(["one"]);
    const wanted = new Map([[idOf("one"), 4]]);
    await expect(fetchMissing({ ...request([], source, store), wanted })).rejects.toMatchObject({
      code: "E_OBJECT_CORRUPT",
      message: expect.stringContaining("offers 3 bytes, not 4"),
    });
  });

  test("an object that was not asked for is refused", async () => {
    const source: ObjectSource = {
      async *getObjects() {
        yield { id: idOf("other"), sizeBytes: 5, content: chunksOf(Buffer.from("other")) };
      },
    };
    await expect(fetchMissing(request(["one"], source, new FakeStore()))).rejects.toMatchObject({
      code: "E_OBJECT_CORRUPT",
    });
  });
});

test("a source that ends early without an error leaves E_OBJECT_MISSING", async () => {
  const source: ObjectSource = {
    async *getObjects() {
      yield { id: idOf("one"), sizeBytes: 3, content: chunksOf(Buffer.from("one")) };
    },
  };
  await expect(fetchMissing(request(TEXTS, source, new FakeStore()))).rejects.toMatchObject({
    code: "E_OBJECT_MISSING",
    message: expect.stringContaining("fetching 3 objects"),
  });
});

test("the next object is read while earlier ones are still being stored", async () => {
  const gate = Promise.withResolvers<void>();
  const read: ObjectId[] = [];
  const store = new FakeStore(async (id) => {
    read.push(id);
    if (read.length === TEXTS.length) gate.resolve();
    await gate.promise;
  });
  await fetchMissing(request(TEXTS, new FakeSource(TEXTS), store));
  expect(read).toHaveLength(TEXTS.length);
});

test.each([
  ["256 objects", 600, 10, 256],
  ["8 MiB of them", 12, 2 ** 20, 8],
])("at most %s are being stored at a time", async (_name, count, sizeBytes, expected) => {
  const texts = Array.from({ length: count }, (_, index) => String(index).padStart(sizeBytes, "x"));
  let storing = 0;
  let most = 0;
  const store = new FakeStore(async () => {
    storing += 1;
    most = Math.max(most, storing);
    for (let turn = 0; turn < 50; turn++) await nextTurn();
    storing -= 1;
  });
  const source: ObjectSource = {
    async *getObjects(ids) {
      for (const [index, id] of ids.entries()) {
        const content = Buffer.from(texts[index] ?? "");
        yield { id, sizeBytes: content.byteLength, content };
      }
    },
  };
  await fetchMissing(request(texts, source, store));
  expect(most).toBe(expected);
});

test("progress grows with every chunk and never goes beyond what there is", async () => {
  const reports: FetchProgress[] = [];
  const onProgress = (progress: FetchProgress): void => void reports.push(progress);
  await fetchMissing(request(TEXTS, new FakeSource(TEXTS), new FakeStore(), { onProgress }));
  const bytes = reports.map((report) => report.bytes);
  expect(bytes).toEqual(bytes.toSorted((left, right) => left - right));
  expect(reports.at(-1)).toEqual({ objects: 4, bytes: 15 });
  expect(bytes[0]).toBe(2);
});

test("an abort ends the pause before a new attempt", async () => {
  const abort = new AbortController();
  const source = new FakeSource(TEXTS, [() => lost]);
  const onRetry = (): void => abort.abort(new Error("stopped"));
  const work = fetchMissing(
    request(TEXTS, source, new FakeStore(), { signal: abort.signal, onRetry, firstDelayMs: 60_000 }),
  );
  await expect(work).rejects.toThrow("aborted");
  expect(source.requests).toHaveLength(1);
});
