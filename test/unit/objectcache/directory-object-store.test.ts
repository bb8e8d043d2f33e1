import { describe, expect, test } from "vitest";
import { DirectoryObjectStore } from "../../../src/objectcache/directory-object-store.ts";
import { walkDirectory } from "../../../src/objectcache/walk-directory.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { idOf } from "../../support/image-trees.ts";

async function* pieces(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

function makeStore(host = createFakeHost()): {
  host: ReturnType<typeof createFakeHost>;
  store: DirectoryObjectStore;
} {
  return { host, store: new DirectoryObjectStore({ ...host, root: "/cache/objects" }) };
}

/** Paths of all regular files. */
async function filesBelow(
  { files }: ReturnType<typeof createFakeHost>,
  root: string,
): Promise<readonly string[]> {
  const found: string[] = [];
  const signal = new AbortController().signal;
  for await (const { path, status } of walkDirectory({ root, files, signal }))
    if (status.type === "file") found.push(path);
  return found;
}

test("an object lies under two levels of two digits, readable by its owner alone", async () => {
  const { host, store } = makeStore();
  const id = idOf("hello");
  await store.put(id, 5, pieces("he", "llo"));
  const path = `/cache/objects/${id.slice(0, 2)}/${id.slice(2, 4)}/${id.slice(4)}`;
  expect(await store.pathOf(id)).toBe(path);
  expect(await host.files.readText(path)).toBe("hello");
  expect((await host.files.lstat(path)).permissions).toBe(0o600);
  expect((await host.files.lstat("/cache/objects")).permissions).toBe(0o700);
});

test.each([
  ["wrong bytes", 5, "hellO", "have the SHA-512"],
  ["too many bytes", 4, "hello", "more than the expected 4 bytes"],
  ["too few bytes", 6, "hello", "its 5 bytes"],
])("%s are E_OBJECT_CORRUPT, and nothing is kept", async (_name, sizeBytes, text, reason) => {
  const { host, store } = makeStore();
  const id = idOf("hello");
  await expect(store.put(id, sizeBytes, pieces(text))).rejects.toMatchObject({
    code: "E_OBJECT_CORRUPT",
    message: expect.stringMatching(new RegExp(`^storing object ${id}: .*${reason}`)),
  });
  expect(await store.missing([id])).toEqual(new Set([id]));
  expect(await host.files.readDirectoryText("/cache/objects")).toEqual([]);
});

test("what this process has stored is not looked at again; what an earlier one left is verified once", async () => {
  const { host, store } = makeStore();
  const [good, damaged] = [idOf("good"), idOf("damaged")];
  await store.put(good, 4, pieces("good"));
  await store.put(damaged, 7, pieces("damaged"));
  await host.files.writeFile(await store.pathOf(damaged), "DAMAGED");
  expect(await store.has(damaged)).toBe(true);
  const { store: later } = makeStore(host);
  expect(await later.missing([good, damaged])).toEqual(new Set([damaged]));
  expect(await host.files.exists(await store.pathOf(damaged))).toBe(false);
  expect(await later.size(good)).toBe(4);
});

test.each([
  ["wrong bytes", 5, "hellO", "its 5 bytes have the SHA-512"],
  ["too many bytes", 4, "hello", "5 bytes arrived instead of 4"],
  ["too few bytes", 6, "hello", "5 bytes arrived instead of 6"],
])(
  "%s that arrived whole are E_OBJECT_CORRUPT, and nothing is kept",
  async (_name, sizeBytes, text, reason) => {
    for (const durability of ["durable", "volatile"] as const) {
      const host = createFakeHost();
      await host.files.makeDirectory("/cache");
      const store = new DirectoryObjectStore({ ...host, root: "/cache", durability });
      const id = idOf("hello");
      await expect(store.put(id, sizeBytes, Buffer.from(text))).rejects.toMatchObject({
        code: "E_OBJECT_CORRUPT",
        message: expect.stringContaining(reason),
      });
      expect(await store.missing([id])).toEqual(new Set([id]));
      expect(await filesBelow(host, "/cache")).toEqual([]);
    }
  },
);

test("a durable store keeps what arrived whole like everything else", async () => {
  const { host, store } = makeStore();
  const id = idOf("hello");
  await store.put(id, 5, Buffer.from("hello"));
  await store.put(id, 5, Buffer.from("hello"));
  expect(await filesBelow(host, "/cache")).toEqual([await store.pathOf(id)]);
  expect(await makeStore(host).store.size(id)).toBe(5);
});

describe("a volatile store", () => {
  const makeVolatile = (host = createFakeHost()) => ({
    host,
    store: new DirectoryObjectStore({ ...host, root: "/cache", durability: "volatile" }),
  });

  test("has one level of directories, whichever way an object comes in", async () => {
    const { host, store } = makeVolatile();
    await host.files.writeFile("/file", "three");
    await store.put(idOf("one"), 3, Buffer.from("one"));
    await store.put(idOf("two"), 3, pieces("t", "wo"));
    await store.addFile("/file");
    for (const text of ["one", "two", "three"]) {
      const id = idOf(text);
      expect(await store.pathOf(id)).toBe(`/cache/${id.slice(0, 2)}/${id.slice(2)}`);
      expect(await host.files.readText(await store.pathOf(id))).toBe(text);
      expect((await host.files.lstat(await store.pathOf(id))).permissions).toBe(0o600);
    }
    expect(await filesBelow(host, "/cache")).toHaveLength(3);
  });

  test("has nothing but what it has verified itself", async () => {
    const { host, store } = makeVolatile();
    await store.put(idOf("one"), 3, Buffer.from("one"));
    const { store: later } = makeVolatile(host);
    expect([await later.has(idOf("one")), await later.size(idOf("one"))]).toEqual([false, undefined]);
    expect(await later.missing([idOf("one")])).toEqual(new Set([idOf("one")]));
    await expect(later.pathOf(idOf("one"))).rejects.toMatchObject({ code: "E_OBJECT_MISSING" });
  });
});

test("a file that is not wanted is only read; one that changes while it is copied is not kept", async () => {
  const { host, store } = makeStore();
  await host.files.makeDirectory("/cache/objects", { parents: true });
  await host.files.writeFile("/file", "before");
  expect(await store.addFile("/file", () => false)).toEqual({ id: idOf("before"), sizeBytes: 6 });
  expect(await filesBelow(host, "/cache")).toEqual([]);
  const changes: Promise<void>[] = [];
  const change = (): boolean => changes.push(host.files.writeFile("/file", "after")) > 0;
  await expect(store.addFile("/file", change)).rejects.toMatchObject({
    code: "E_OBJECT_CORRUPT",
    message: expect.stringContaining(`${idOf("before")}: its file has changed`),
  });
  await Promise.all(changes);
  expect(await filesBelow(host, "/cache")).toEqual([]);
});

test("left-over temporaries are removed, objects stay", async () => {
  const { host, store } = makeStore();
  await store.add(pieces("kept"));
  await host.files.writeFile("/cache/objects/.tmp-1", "half");
  await store.removeTemporaries();
  expect(await host.files.exists("/cache/objects/.tmp-1")).toBe(false);
  expect(await store.has(idOf("kept"))).toBe(true);
});
