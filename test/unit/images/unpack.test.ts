import { expect, test } from "vitest";
import type { Inode } from "../../../src/images/model.ts";
import { scanTree } from "../../../src/images/scan-tree.ts";
import { unpackImage } from "../../../src/images/unpack.ts";
import { compareTreeWithDirectory } from "../../../src/images/verify.ts";
import { DirectoryObjectStore } from "../../../src/objectcache/directory-object-store.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { directory, file, special, symlink, treeOf } from "../../support/image-trees.ts";

const signal = new AbortController().signal;

async function* piece(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const shared = file("shared", { mode: 0o104711, uid: 3, mtimeSeconds: -5n, mtimeNanoseconds: 7 });
const tree = treeOf({
  etc: { passwd: file("root:x"), empty: file(""), link: symlink("passwd", { uid: 9 }), hard: shared },
  dev: { null: special(0o020666, 0x103n), pipe: special(0o010600) },
  hard: shared,
  tmp: directory([], 0o041777) as Inode,
});

async function prepare(): Promise<{
  host: ReturnType<typeof createFakeHost>;
  objects: DirectoryObjectStore;
}> {
  const host = createFakeHost();
  const objects = new DirectoryObjectStore({ ...host, root: "/cache" });
  for (const text of ["shared", "root:x"]) await objects.add(piece(text));
  return { host, objects };
}

test("unpacking, comparing and scanning agree with each other", async () => {
  const { host, objects } = await prepare();
  const result = await unpackImage({ tree, target: "/mnt", objects, files: host.files, signal });
  expect(result).toMatchObject({ objects: 2, bytes: 12, inodes: tree.inodes.size });
  expect(await compareTreeWithDirectory({ tree, directory: "/mnt", ...host, signal })).toEqual([]);
  const scanned = await scanTree({ root: "/mnt", files: host.files, objects, signal });
  expect(await compareTreeWithDirectory({ tree: scanned, directory: "/mnt", ...host, signal })).toEqual([]);
  expect(scanned).toMatchObject({ statedDataBytes: 12n, statedRegularInodes: 3n, statedDirectories: 4n });
});

test("a difference says what was expected and what was found", async () => {
  const { host, objects } = await prepare();
  await unpackImage({ tree, target: "/mnt", objects, files: host.files, signal });
  await host.files.changeMode("/mnt/etc/passwd", 0o600);
  await host.files.removeFile("/mnt/dev/pipe");
  await host.files.makeDirectory("/mnt/tmp/extra");
  await host.files.writeFile("/mnt/tmp/extra/file", "");
  expect(await compareTreeWithDirectory({ tree, directory: "/mnt", ...host, signal })).toEqual([
    { path: "/etc/passwd", aspect: "mode", expected: "0644", found: "0600" },
    { path: "/dev/pipe", aspect: "missing", expected: "", found: "" },
    { path: "/tmp/extra", aspect: "extra", expected: "", found: "" },
  ]);
});

test("an existing link where a directory is due stops the work before anything is written behind it", async () => {
  const { host, objects } = await prepare();
  await host.files.makeDirectory("/outside");
  await host.files.makeDirectory("/mnt");
  await host.files.makeSymlink("/outside", "/mnt/etc");
  await expect(
    unpackImage({ tree, target: "/mnt", objects, files: host.files, signal }),
  ).rejects.toMatchObject({
    code: "E_IMAGE_UNPACK",
    message: "/mnt/etc is not a directory",
  });
  expect(await host.files.readDirectoryText("/outside")).toEqual([]);
});
