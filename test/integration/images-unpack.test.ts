import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { byteStringOf } from "../../src/core/byte-string.ts";
import type { ObjectId } from "../../src/core/object-id.ts";
import type { FileSystemTree, Inode } from "../../src/images/model.ts";
import { type UnpackRequest, type UnpackResult, unpackImage } from "../../src/images/unpack.ts";
import { compareTreeWithDirectory } from "../../src/images/verify.ts";
import { DirectoryObjectStore } from "../../src/objectcache/directory-object-store.ts";
import { createNodeHost } from "../../src/system/node/node-host.ts";
import { directory, entries, file, idOf, rawTree, special, symlink, treeOf } from "../support/image-trees.ts";
import { run, Scratch } from "../support/scratch.ts";

const host = createNodeHost();
afterAll(async () => host[Symbol.asyncDispose]());

const large = Buffer.alloc(300_000, "large");

/** Objects of these contents, in a store of their own inside the scratch directory. */
async function storeOf(root: string, contents: readonly (string | Buffer)[]): Promise<DirectoryObjectStore> {
  const store = new DirectoryObjectStore({ ...host, root });
  for (const content of contents) await store.add(pieces(Buffer.from(content)));
  return store;
}

async function* pieces(content: Buffer): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < content.byteLength; offset += 10_000) {
    yield content.subarray(offset, offset + 10_000);
  }
}

async function unpack(
  tree: FileSystemTree,
  target: string,
  objects: DirectoryObjectStore,
  extra: Partial<UnpackRequest> = {},
): Promise<UnpackResult> {
  return unpackImage({
    tree,
    target,
    objects,
    files: host.files,
    signal: new AbortController().signal,
    ...extra,
  });
}

async function differences(tree: FileSystemTree, target: string): Promise<string[]> {
  const signal = new AbortController().signal;
  const found = await compareTreeWithDirectory({ tree, directory: target, ...host, signal });
  return found.map(({ path, aspect }) => `${path} ${aspect}`);
}

const shared = file("shared", { mtimeSeconds: 1_234_567_890n, mtimeNanoseconds: 123_456_789 });
const everything = treeOf({
  bin: {
    sudo: file("suid", { mode: 0o104755 }),
    both: file("both", { mode: 0o106711, uid: 1000, gid: 1001 }),
    sticky: file("sticky", { mode: 0o101644 }),
    large: file(large, { mode: 0o100755 }),
    "large copy": file(large, { uid: 5 }),
  },
  dev: {
    null: special(0o020666, 0x103n, { mtimeSeconds: 1_600_000_000n, mtimeNanoseconds: 5 }),
    big: special(0o060600, 0xfff103fan, { gid: 6 }),
    pipe: special(0o010622, 0n, { uid: 5, gid: 6 }),
  },
  etc: {
    old: file("old", { mtimeSeconds: -86_400n, mtimeNanoseconds: 999_999_999 }),
    future: file("future", { mtimeSeconds: 9_000_000_000n, mtimeNanoseconds: 1 }),
    empty: file("", { mode: 0o100600, mtimeSeconds: 77n }),
    computed: { kind: "computed", mode: 0o100640, uid: 3, gid: 4, source: "host:6900" },
    abs: symlink("/etc/shadow", { uid: 7, gid: 8 }),
    broken: symlink("no/such/file"),
    größe: file("name"),
    "new\nline": file("newline"),
  },
  link1: shared,
  links: { link2: shared, hardPipe: special(0o010600), deep: { er: { link3: shared } } },
  noperm: directory([], 0o040000) as Inode,
  setgid: directory([], 0o042775) as Inode,
  tmp: directory([], 0o041777) as Inode,
});
const contents = ["suid", "both", "sticky", large, "old", "future", "name", "newline", "shared"];

describe("a tree of every kind of inode", () => {
  test.each(["tmpfs", "ext4"])("is made exactly on %s", async (type) => {
    using scratch = new Scratch();
    const mounted = type === "tmpfs" ? scratch.mountTmpfs("fs") : scratch.mountExt4("fs", 32);
    const objects = await storeOf(scratch.at("objects"), contents);
    const target = `${mounted}/root`;
    const progress: [number, number][] = [];
    const result = await unpack(everything, target, objects, { onProgress: (...now) => progress.push(now) });
    const read = (path: string, format: string): string =>
      run("stat", [`--printf=${format}`, `${target}/${path}`]);
    // Before anything reads the file and moves its access time.
    expect(read("etc/future", "%.9Y %.9X")).toBe("9000000000.000000001 9000000000.000000001");
    expect(await differences(everything, target)).toEqual([]);
    expect(read("etc/old", "%.9Y")).toBe("-86399.000000001");
    expect(read("etc/computed", "%.9Y %a %u:%g %s")).toBe("0.000000000 640 3:4 0");
    expect(read("link1", "%h %.9Y")).toBe("3 1234567890.123456789");
    expect(read("dev/big", "%F %t:%T")).toBe("block special file 103:ffffa");
    expect(readdirSync(mounted)).toEqual(expect.arrayContaining(["root"]));
    expect(result).toMatchObject({ objects: 10, bytes: 600_040, inodes: everything.inodes.size });
    expect(progress.at(-1)).toEqual([everything.inodes.size - 9, 600_040]);
  });

  test("can be unpacked a second time over itself; extra content stays", async () => {
    using scratch = new Scratch();
    const objects = await storeOf(scratch.at("objects"), contents);
    await unpack(everything, scratch.at("root"), objects);
    writeFileSync(scratch.at("root/etc/extra"), "mine");
    writeFileSync(scratch.at("root/etc/old"), "changed");
    await unpack(everything, scratch.at("root"), objects);
    expect(await differences(everything, scratch.at("root"))).toEqual(["/etc/extra extra"]);
  });

  test("the umask does not matter", async () => {
    using scratch = new Scratch();
    const objects = await storeOf(scratch.at("objects"), contents);
    const before = process.umask(0o777);
    try {
      await unpack(everything, scratch.at("root"), objects);
    } finally {
      process.umask(before);
    }
    expect(await differences(everything, scratch.at("root"))).toEqual([]);
  });
});

describe("linking large objects", () => {
  const tree = treeOf({ large: file(large, { uid: 9 }), copy: file(large), small: file("shared") });

  test("the first inode of a large object is the object itself, the others are copies", async () => {
    using scratch = new Scratch();
    const fs = scratch.mountTmpfs("fs");
    const objects = await storeOf(`${fs}/objects`, contents);
    await unpack(tree, `${fs}/root`, objects, { content: "link" });
    const inodeOf = (path: string): number => lstatSync(path).ino;
    const objectInode = inodeOf(await objects.pathOf(idOf(large)));
    expect(inodeOf(`${fs}/root/large`)).toBe(objectInode);
    expect(inodeOf(`${fs}/root/copy`)).not.toBe(objectInode);
    expect(inodeOf(`${fs}/root/small`)).not.toBe(inodeOf(await objects.pathOf(idOf("shared"))));
    expect(await differences(tree, `${fs}/root`)).toEqual(["/large links"]);
  });

  test("works as a copy when the cache is on another file-system", async () => {
    using scratch = new Scratch();
    const objects = await storeOf(scratch.at("objects"), contents);
    await unpack(tree, `${scratch.mountTmpfs("fs")}/root`, objects, { content: "link" });
    expect(await differences(tree, scratch.at("fs/root"))).toEqual([]);
  });
});

test("hard links reach across a mounted file-system as copies that are linked among themselves", async () => {
  using scratch = new Scratch();
  const objects = await storeOf(scratch.at("objects"), contents);
  const tree = treeOf({ home: { a: shared, b: shared }, c: shared, d: shared, var: { e: shared } });
  mkdirSync(scratch.at("root"));
  scratch.mountTmpfs("root/home", "size=1m");
  await unpack(tree, scratch.at("root"), objects);
  const status = ["home/a", "home/b", "c", "d", "var/e"].map((path) => {
    const { dev, ino, nlink } = lstatSync(scratch.at("root", path));
    return { identity: `${dev}:${ino}`, nlink };
  });
  expect(status.map(({ nlink }) => nlink)).toEqual([2, 2, 3, 3, 3]);
  expect(new Set(status.map(({ identity }) => identity)).size).toBe(2);
  expect(run("stat", ["--printf=%.9Y", scratch.at("root/c")])).toBe("1234567890.123456789");
});

test("a mount point and other existing directories get owner and mode and keep their content", async () => {
  using scratch = new Scratch();
  const objects = await storeOf(scratch.at("objects"), []);
  mkdirSync(scratch.at("root"));
  const mounted = scratch.mountTmpfs("root/home", "mode=0700");
  writeFileSync(`${mounted}/keep`, "kept");
  const tree = treeOf({ home: { ...directory([], 0o042755), uid: 5, gid: 6 } as Inode });
  await unpack(tree, scratch.at("root"), objects);
  expect(run("stat", ["--printf=%a %u:%g", mounted])).toBe("2755 5:6");
  expect(readFileSync(`${mounted}/keep`, "utf8")).toBe("kept");
});

describe("what lies in the target already", () => {
  test("a symbolic link in the place of a directory is not followed", async () => {
    using scratch = new Scratch();
    const objects = await storeOf(scratch.at("objects"), ["shared"]);
    mkdirSync(scratch.at("outside"));
    mkdirSync(scratch.at("root"));
    symlinkSync(scratch.at("outside"), scratch.at("root/etc"));
    const work = unpack(treeOf({ etc: { passwd: file("shared") } }), scratch.at("root"), objects);
    await expect(work).rejects.toMatchObject({
      code: "E_IMAGE_UNPACK",
      message: `${scratch.at("root/etc")} is not a directory`,
    });
    expect(readdirSync(scratch.at("outside"))).toEqual([]);
  });

  test("a symbolic link in the place of a file is replaced, a file with other names is not written through", async () => {
    using scratch = new Scratch();
    const objects = await storeOf(scratch.at("objects"), ["shared"]);
    mkdirSync(scratch.at("root"));
    writeFileSync(scratch.at("victim"), "precious");
    symlinkSync(scratch.at("victim"), scratch.at("root/a"));
    linkSync(scratch.at("victim"), scratch.at("root/b"));
    symlinkSync(scratch.at("new"), scratch.at("root/e"));
    symlinkSync(scratch.at("victim"), scratch.at("root/l"));
    const tree = treeOf({ a: file("shared"), b: file("shared"), e: file(""), l: symlink("elsewhere") });
    await unpack(tree, scratch.at("root"), objects);
    expect(await differences(tree, scratch.at("root"))).toEqual([]);
    expect(readFileSync(scratch.at("victim"), "utf8")).toBe("precious");
    expect(readlinkSync(scratch.at("root/l"))).toBe("elsewhere");
    expect(readdirSync(scratch.path)).not.toContain("new");
  });

  test("a directory gives way to links and nodes, and stops a file", async () => {
    using scratch = new Scratch();
    const objects = await storeOf(scratch.at("objects"), ["shared"]);
    mkdirSync(scratch.at("root/x/y"), { recursive: true });
    await unpack(treeOf({ x: symlink("y") }), scratch.at("root"), objects);
    expect(readlinkSync(scratch.at("root/x"))).toBe("y");
    mkdirSync(scratch.at("root/d"));
    await expect(unpack(treeOf({ d: file("shared") }), scratch.at("root"), objects)).rejects.toMatchObject({
      code: "E_IMAGE_UNPACK",
      message: `${scratch.at("root/d")} is a directory`,
    });
  });

  test("the target itself must be a directory, or absent in an existing one", async () => {
    using scratch = new Scratch();
    const objects = await storeOf(scratch.at("objects"), []);
    writeFileSync(scratch.at("file"), "");
    await expect(unpack(treeOf({}), scratch.at("file"), objects)).rejects.toMatchObject({
      code: "E_IMAGE_UNPACK",
    });
    await expect(unpack(treeOf({}), scratch.at("no/parent"), objects)).rejects.toMatchObject({
      code: "E_IMAGE_UNPACK",
      cause: { code: "ENOENT" },
    });
  });
});

describe("refused before anything is changed", () => {
  const cyclic = rawTree(
    [["a", 1n]],
    [
      [1n, directory(entries([["b", 2n]]))],
      [2n, directory(entries([["a", 1n]]))],
    ],
  );

  test.each<[string, FileSystemTree, string]>([
    ["a name with ..", rawTree([["../evil", 1n]], [[1n, file("")]]), "E_IMAGE_INVALID"],
    ["an absolute name", rawTree([["/tmp/evil", 1n]], [[1n, file("")]]), "E_IMAGE_INVALID"],
    ["a cycle", cyclic, "E_IMAGE_INVALID"],
    ["a dangling entry", rawTree([["a", 1n]], []), "E_IMAGE_INVALID"],
    ["an object that is not there", treeOf({ a: file("never stored") }), "E_OBJECT_MISSING"],
    ["an object of another length", treeOf({ a: { ...file("shared"), sizeBytes: 5 } }), "E_IMAGE_INVALID"],
  ])("%s", async (_name, tree, code) => {
    using scratch = new Scratch();
    const objects = await storeOf(scratch.at("objects"), ["shared"]);
    mkdirSync(scratch.at("room"));
    await expect(unpack(tree, scratch.at("room/root"), objects)).rejects.toMatchObject({ code });
    expect(readdirSync(scratch.at("room"))).toEqual([]);
  });

  test("more data than there is room for", async () => {
    using scratch = new Scratch();
    const mounted = scratch.mountExt4("fs", 8);
    const huge = Buffer.alloc(12 * 1024 * 1024);
    const objects = await storeOf(scratch.at("objects"), [huge]);
    await expect(unpack(treeOf({ etc: {}, huge: file(huge) }), mounted, objects)).rejects.toMatchObject({
      code: "E_IMAGE_TOO_LARGE",
      message: expect.stringContaining("image will not fit on file-system"),
    });
    expect(readdirSync(mounted)).toEqual(["lost+found"]);
  });

  test("more inodes than there are", async () => {
    using scratch = new Scratch();
    const mounted = scratch.mountExt4("fs", 8, ["-N", "32"]);
    const objects = await storeOf(scratch.at("objects"), []);
    const many = treeOf(
      Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`f${index}`, file("")])),
    );
    await expect(unpack(many, mounted, objects)).rejects.toMatchObject({
      code: "E_IMAGE_TOO_LARGE",
      message: expect.stringMatching(/64 inodes into \d+ free inodes/),
    });
    expect(readdirSync(mounted)).toEqual(["lost+found"]);
  });
});

test("a file-system that fills up in the middle is E_IMAGE_TOO_LARGE naming the entry", async () => {
  using scratch = new Scratch();
  const objects = await storeOf(scratch.at("objects"), [large]);
  mkdirSync(scratch.at("root"));
  scratch.mountTmpfs("root/small", "size=64k");
  await expect(
    unpack(treeOf({ small: { f: file(large) } }), scratch.at("root"), objects),
  ).rejects.toMatchObject({
    code: "E_IMAGE_TOO_LARGE",
    message: `making ${scratch.at("root/small/f")}`,
    cause: { code: "ENOSPC" },
  });
});

test("an abort stops the work", async () => {
  using scratch = new Scratch();
  const objects = await storeOf(scratch.at("objects"), []);
  const abort = new AbortController();
  const many = treeOf(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index}`, file("")])));
  const onProgress = (inodes: number): void => {
    if (inodes === 10) abort.abort(new Error("stopped"));
  };
  const work = unpack(many, scratch.at("root"), objects, { signal: abort.signal, onProgress });
  await expect(work).rejects.toThrow("stopped");
  expect(readdirSync(scratch.at("root")).length).toBeLessThan(30);
});

test("names that are not UTF-8 are made byte by byte", async () => {
  using scratch = new Scratch();
  const objects = await storeOf(scratch.at("objects"), []);
  const tree = rawTree(
    [["\xff\xfe", 1n]],
    [
      [1n, directory(entries([["\x80", 2n]]))],
      [2n, file("")],
    ],
  );
  await unpack(tree, scratch.at("root"), objects);
  expect(readdirSync(scratch.at("root"), { encoding: "buffer" })).toEqual([Buffer.from([0xff, 0xfe])]);
  expect(await differences(tree, scratch.at("root"))).toEqual([]);
});

test("the comparison sees every kind of change", async () => {
  using scratch = new Scratch();
  const objects = await storeOf(scratch.at("objects"), contents);
  const root = scratch.at("root");
  await unpack(everything, root, objects);
  run("chmod", ["600", `${root}/bin/sudo`]);
  run("chown", ["9:9", `${root}/etc/abs`, "-h"]);
  run("touch", ["-d", "@5", `${root}/dev/pipe`]);
  run("rm", [`${root}/etc/broken`, `${root}/links/link2`, `${root}/dev/null`]);
  run("ln", ["-s", "elsewhere", `${root}/etc/broken`]);
  run("cp", ["-p", `${root}/link1`, `${root}/links/link2`]);
  run("mknod", ["-m", "666", `${root}/dev/null`, "c", "1", "5"]);
  run("touch", ["-d", "@1600000000.000000005", `${root}/dev/null`]);
  run("rm", ["-r", `${root}/noperm`]);
  writeFileSync(`${root}/noperm`, "");
  run("sh", [
    "-c",
    'printf xxx > "$0" && touch -d "1969-12-31 00:00:00.999999999 UTC" "$0"',
    `${root}/etc/old`,
  ]);
  run("rmdir", [`${root}/setgid`]);
  mkdirSync(`${root}/srv`);
  const found = await differences(everything, root);
  expect(found.toSorted()).toEqual(
    [
      "/bin/sudo mode",
      "/etc/abs owner",
      "/dev/pipe time",
      "/etc/broken target",
      "/links/link2 links",
      "/link1 links",
      "/dev/null device",
      "/noperm type",
      "/etc/old content",
      "/setgid missing",
      "/srv extra",
    ].toSorted(),
  );
});

test("an object that was damaged on disk since it was stored is found when the store is opened anew", async () => {
  using scratch = new Scratch();
  const objects = await storeOf(scratch.at("objects"), ["shared"]);
  const id: ObjectId = idOf("shared");
  writeFileSync(await objects.pathOf(id), "shaRed");
  const reopened = new DirectoryObjectStore({ ...host, root: scratch.at("objects") });
  await expect(unpack(treeOf({ a: file("shared") }), scratch.at("root"), reopened)).rejects.toMatchObject({
    code: "E_OBJECT_MISSING",
  });
  expect(byteStringOf(readdirSync(scratch.path).join())).not.toContain("root");
});
