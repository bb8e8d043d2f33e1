import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { silentLogger } from "../../src/core/logger.ts";
import type { ObjectId } from "../../src/core/object-id.ts";
import { DirectoryObjectStore } from "../../src/objectcache/directory-object-store.ts";
import type { ObjectImporter, ObjectStore } from "../../src/objectcache/object-store.ts";
import { scanForObjects } from "../../src/objectcache/scan-for-objects.ts";
import { createNodeHost } from "../../src/system/node/node-host.ts";
import { idOf } from "../support/image-trees.ts";
import { run, Scratch } from "../support/scratch.ts";

const host = createNodeHost();
const signal = new AbortController().signal;
afterAll(async () => host[Symbol.asyncDispose]());

const large = Buffer.alloc(3_000_000, "x");

function storeIn(scratch: Scratch): DirectoryObjectStore {
  return new DirectoryObjectStore({ ...host, root: scratch.at("objects") });
}

async function* pieces(...chunks: readonly (string | Buffer)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Everything in the store's directory that is not an object's path. */
function leftovers(scratch: Scratch): string[] {
  return readdirSync(scratch.at("objects")).filter((name) => name.length > 2);
}

describe("a store", () => {
  test("keeps what was put under two levels of digits and gives it back", async () => {
    using scratch = new Scratch();
    const store = storeIn(scratch);
    const id = idOf("hello");
    expect(await store.missing([id])).toEqual(new Set([id]));
    await store.put(id, 5, pieces("he", "llo"));
    expect([await store.has(id), await store.size(id)]).toEqual([true, 5]);
    expect(await store.pathOf(id)).toBe(scratch.at("objects", id.slice(0, 2), id.slice(2, 4), id.slice(4)));
    expect(await textOf(store.open(id))).toBe("hello");
    expect(leftovers(scratch)).toEqual([]);
    await store.sync();
  });

  test("takes an object twice, also at the same time", async () => {
    using scratch = new Scratch();
    const store = storeIn(scratch);
    const id = idOf(large);
    await Promise.all([1, 2, 3].map(async () => store.put(id, large.byteLength, pieces(large))));
    await store.put(id, large.byteLength, pieces(large));
    expect(await store.size(id)).toBe(large.byteLength);
    expect(leftovers(scratch)).toEqual([]);
  });

  test.each<[string, number, readonly (string | Buffer)[]]>([
    ["other bytes", 5, ["hellO"]],
    ["too few bytes", 5, ["hell"]],
    ["too many bytes", 5, ["hello", "!"]],
    ["nothing", 5, []],
    ["the right bytes under the wrong size", 6, ["hello"]],
    ["many other bytes", large.byteLength, [large]],
  ])("refuses %s and keeps nothing", async (_name, sizeBytes, chunks) => {
    using scratch = new Scratch();
    const store = storeIn(scratch);
    const id = idOf("hello");
    await expect(store.put(id, sizeBytes, pieces(...chunks))).rejects.toMatchObject({
      code: "E_OBJECT_CORRUPT",
      message: expect.stringContaining(id),
    });
    expect(await store.has(id)).toBe(false);
    expect(leftovers(scratch)).toEqual([]);
  });

  test("keeps nothing of content that breaks off", async () => {
    using scratch = new Scratch();
    const store = storeIn(scratch);
    const breaking = async function* (): AsyncGenerator<Uint8Array> {
      yield large.subarray(0, 1_000_000);
      throw new Error("connection lost");
    };
    await expect(store.put(idOf(large), large.byteLength, breaking())).rejects.toThrow("connection lost");
    expect(leftovers(scratch)).toEqual([]);
  });

  test("says E_OBJECT_MISSING for what it does not have", async () => {
    using scratch = new Scratch();
    const store = storeIn(scratch);
    await expect(store.pathOf(idOf("x"))).rejects.toMatchObject({ code: "E_OBJECT_MISSING" });
    await expect(textOf(store.open(idOf("x")))).rejects.toMatchObject({ code: "E_OBJECT_MISSING" });
    expect(await store.size(idOf("x"))).toBeUndefined();
  });

  test("verifies what an earlier process left, and removes what is damaged", async () => {
    using scratch = new Scratch();
    const earlier = storeIn(scratch);
    for (const text of ["good", "changed", "cut"]) await earlier.add(pieces(text));
    writeFileSync(await earlier.pathOf(idOf("changed")), "Changed");
    truncateSync(await earlier.pathOf(idOf("cut")), 1);
    symlinkSync(await earlier.pathOf(idOf("good")), scratch.at("objects", "link"));
    writeFileSync(scratch.at("objects/.tmp-left-over"), "half");
    const store = storeIn(scratch);
    await store.removeTemporaries();
    const ids = ["good", "changed", "cut", "never"].map(idOf);
    expect(await store.missing(ids)).toEqual(new Set(ids.slice(1)));
    expect(existsSync(await earlier.pathOf(idOf("changed")))).toBe(false);
    expect(readdirSync(scratch.at("objects"))).not.toContain(".tmp-left-over");
    await store.put(idOf("changed"), 7, pieces("changed"));
    expect(await textOf(store.open(idOf("changed")))).toBe("changed");
  });

  test("forgets what is removed", async () => {
    using scratch = new Scratch();
    const store = storeIn(scratch);
    const { id, sizeBytes } = await store.add(pieces("x"));
    expect([id, sizeBytes]).toEqual([idOf("x"), 1]);
    await store.remove(id);
    await store.remove(id);
    expect(await store.has(id)).toBe(false);
  });

  test("takes a file as a copy, or not at all", async () => {
    using scratch = new Scratch();
    const store = storeIn(scratch);
    writeFileSync(scratch.at("file"), "content");
    expect(await store.addFile(scratch.at("file"), () => false)).toEqual({
      id: idOf("content"),
      sizeBytes: 7,
    });
    expect(await store.has(idOf("content"))).toBe(false);
    await store.addFile(scratch.at("file"));
    writeFileSync(scratch.at("file"), "CONTENT");
    expect(await textOf(store.open(idOf("content")))).toBe("content");
    await expect(store.addFile(scratch.at("absent"))).rejects.toMatchObject({ code: "ENOENT" });
    expect(leftovers(scratch)).toEqual([]);
  });
});

describe("the search for objects", () => {
  function wantedOf(...texts: readonly string[]): Map<ObjectId, number> {
    return new Map(texts.map((text) => [idOf(text), text.length]));
  }

  test("finds wanted files by size and content, each inode once, and reads nothing else", async () => {
    using scratch = new Scratch();
    const store = storeIn(scratch);
    mkdirSync(scratch.at("root/a/b"), { recursive: true });
    writeFileSync(scratch.at("root/a/one"), "one");
    linkSync(scratch.at("root/a/one"), scratch.at("root/a/b/also one"));
    writeFileSync(scratch.at("root/a/b/same size"), "six");
    linkSync(scratch.at("root/a/b/same size"), scratch.at("root/same size"));
    writeFileSync(scratch.at("root/other"), "another size");
    symlinkSync("a/one", scratch.at("root/link"));
    writeFileSync(scratch.at("root/empty"), "");
    run("mkfifo", [scratch.at("root/fifo")]);
    const mounted = scratch.mountTmpfs("root/mounted");
    writeFileSync(`${mounted}/four`, "four");
    const result = await scanForObjects({
      ...host,
      root: scratch.at("root"),
      wanted: wantedOf("one", "four"),
      store,
      log: silentLogger,
      signal,
    });
    expect(result).toMatchObject({ objects: 1, bytes: 3, scannedFiles: 2, scannedBytes: 6 });
    expect(await store.has(idOf("one"))).toBe(true);
    expect(await store.has(idOf("four"))).toBe(false);
  });

  test("stops as soon as nothing is missing, and leaves out excluded directories", async () => {
    using scratch = new Scratch();
    const store = storeIn(scratch);
    await store.add(pieces("one"));
    writeFileSync(scratch.at("three"), "three");
    const request = { ...host, root: scratch.path, store, log: silentLogger, signal };
    const known = await scanForObjects({ ...request, wanted: wantedOf("one") });
    expect(known).toMatchObject({ objects: 0, scannedFiles: 0 });
    const fresh = new DirectoryObjectStore({ ...host, root: scratch.at("other") });
    const excluded = [scratch.at("objects")];
    const found = await scanForObjects({
      ...request,
      store: fresh,
      wanted: wantedOf("one", "three"),
      excluded,
    });
    expect(found).toMatchObject({ objects: 1, scannedFiles: 1 });
  });

  test("passes over what cannot be read with a warning, and over what vanished without", async () => {
    using scratch = new Scratch();
    const store = storeIn(scratch);
    mkdirSync(scratch.at("root"));
    for (const name of ["1one", "2six", "3two"]) writeFileSync(scratch.at("root", name), name.slice(1));
    const failing: ObjectStore & ObjectImporter = {
      has: async (id) => store.has(id),
      missing: async (ids) => store.missing(ids),
      size: async (id) => store.size(id),
      put: async (id, sizeBytes, content) => store.put(id, sizeBytes, content),
      open: (id) => store.open(id),
      add: async (content) => store.add(content),
      addFile: async (path, isWanted) => {
        const code = path.toString().endsWith("one")
          ? "EIO"
          : path.toString().endsWith("six")
            ? "ENOENT"
            : undefined;
        if (code !== undefined) throw Object.assign(new Error(code), { code });
        return store.addFile(path, isWanted);
      },
    };
    const warnings: unknown[] = [];
    const log = { ...silentLogger, warn: (_message: string, fields?: unknown) => void warnings.push(fields) };
    const request = { ...host, root: scratch.at("root"), store: failing, log, signal };
    const result = await scanForObjects({ ...request, wanted: wantedOf("one", "six", "two") });
    expect(result).toMatchObject({ objects: 1 });
    expect(warnings).toEqual([{ path: scratch.at("root/1one"), reason: "EIO" }]);
  });
});
