import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { objectIdFromBytes } from "../../../src/core/object-id.ts";
import { type SizedObject, streamObjects } from "../../../src/imageserver/object-stream.ts";
import { DirectoryObjectStore } from "../../../src/objectcache/directory-object-store.ts";
import { FakeHashing } from "../../support/fake-host.ts";
import { MemoryFileSystem } from "../../support/memory-file-system.ts";

async function storeOf(contents: readonly Buffer[]): Promise<{
  readonly files: MemoryFileSystem;
  readonly store: DirectoryObjectStore;
  readonly objects: readonly SizedObject[];
}> {
  const files = new MemoryFileSystem();
  const store = new DirectoryObjectStore({ root: "/objects", files, hashing: new FakeHashing(files) });
  const objects: SizedObject[] = [];
  for (const content of contents) {
    const id = objectIdFromBytes(createHash("sha512").update(content).digest());
    await store.put(
      id,
      content.length,
      (async function* () {
        yield content;
      })(),
    );
    objects.push({ id, sizeBytes: content.length });
  }
  return { files, store, objects };
}

const content = (lengthBytes: number, fill: number): Buffer => Buffer.alloc(lengthBytes, fill);

describe("streamObjects", () => {
  it("sends small and large objects in the order asked for, in pieces worth a write", async () => {
    const contents = Array.from({ length: 60 }, (_, index) =>
      content(index % 7 === 0 ? 200_000 + index : 1_000 + index, index),
    );
    const { files, store, objects } = await storeOf(contents);
    const asked = [...objects, ...objects.slice(0, 2)];
    const pieces: Buffer[] = [];
    for await (const piece of streamObjects(asked, { store, files })) pieces.push(Buffer.from(piece));
    expect(Buffer.concat(pieces).equals(Buffer.concat([...contents, ...contents.slice(0, 2)]))).toBe(true);
    expect(pieces.slice(0, -1).every(({ length }) => length >= 64 * 1024)).toBe(true);
  });

  it("sends nothing for nothing", async () => {
    const { files, store } = await storeOf([]);
    for await (const piece of streamObjects([], { store, files })) expect(piece).toBeUndefined();
  });

  it.each([10, 100_000])("stops when an object of %d bytes has changed", async (lengthBytes) => {
    const { files, store, objects } = await storeOf([content(lengthBytes, 1)]);
    for (const { id } of objects) await files.writeFile(await store.pathOf(id), content(lengthBytes - 1, 1));
    const read = async (): Promise<void> => {
      for await (const piece of streamObjects(objects, { store, files })) void piece;
    };
    await expect(read()).rejects.toMatchObject({ code: "E_OBJECT_CORRUPT" });
  });
});
