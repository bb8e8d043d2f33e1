import { expect, test } from "vitest";
import { type ByteString, byteStringOf } from "../../../src/core/byte-string.ts";
import { parseFilter } from "../../../src/images/filter.ts";
import type { TarMember } from "../../../src/images/tar-member.ts";
import { TarTreeBuilder } from "../../../src/images/tar-tree-builder.ts";
import { walkTree } from "../../../src/images/tree.ts";
import { idOf } from "../../support/image-trees.ts";

function member(path: string, type: TarMember["type"], properties: Partial<TarMember> = {}): TarMember {
  return {
    path: byteStringOf(path),
    type,
    permissions: 0o755,
    uid: 1,
    gid: 2,
    sizeBytes: 0,
    time: { seconds: 7n, nanoseconds: 8 },
    linkTarget: "" as ByteString,
    deviceMajor: 0,
    deviceMinor: 0,
    ...properties,
  };
}

test("members become a sorted tree numbered in their order", () => {
  const builder = new TarTreeBuilder(undefined);
  builder.add(member("/z", "directory", { permissions: 0o2750 }));
  builder.addFile(member("/z/f", "file"), { id: idOf("abc"), sizeBytes: 3 });
  builder.add(member("/b", "symlink", { linkTarget: byteStringOf("z/f") }));
  builder.add(member("/a", "hard-link", { linkTarget: byteStringOf("./z/f") }));
  builder.add(member("/c", "character", { permissions: 0o600, deviceMajor: 259, deviceMinor: 1_048_570 }));
  builder.add(member("/p", "fifo"));
  builder.add(member("/e", "file"));
  const tree = builder.finish();
  expect([...walkTree(tree)].map(({ path, number }) => [path, number])).toEqual([
    ["/", undefined],
    ["/a", 2n],
    ["/b", 3n],
    ["/c", 4n],
    ["/e", 6n],
    ["/p", 5n],
    ["/z", 1n],
    ["/z/f", 2n],
  ]);
  expect(tree.root).toMatchObject({ mode: 0o040755, uid: 0, gid: 0 });
  expect(tree.inodes.get(1n)).toMatchObject({ kind: "directory", mode: 0o042750, uid: 1, gid: 2 });
  expect(tree.inodes.get(2n)).toEqual({
    kind: "regular",
    mode: 0o100755,
    uid: 1,
    gid: 2,
    mtimeSeconds: 7n,
    mtimeNanoseconds: 8,
    sizeBytes: 3,
    objectId: idOf("abc"),
  });
  expect(tree.inodes.get(4n)).toMatchObject({ kind: "special", mode: 0o020600, rdev: 0xfff103fan });
  expect(tree).toMatchObject({ statedRegularInodes: 2n, statedDataBytes: 3n, statedDirectories: 2n });
});

test("a directory that occurs again gets the later metadata and keeps its entries; so does the root", () => {
  const builder = new TarTreeBuilder(undefined);
  builder.add(member("/d", "directory"));
  builder.add(member("/d/e", "file"));
  builder.add(member("/d", "directory", { permissions: 0o700 }));
  builder.add(member("/", "directory", { permissions: 0o711 }));
  const tree = builder.finish();
  expect(tree.inodes.get(1n)).toMatchObject({ mode: 0o040700, entries: [{ name: "e", inode: 2n }] });
  expect(tree.root).toMatchObject({ mode: 0o040711, uid: 1, entries: [{ name: "d", inode: 1n }] });
});

test.each<[string, readonly TarMember[], string]>([
  ["child before its parent", [member("/d/e", "file")], "no such directory before its content"],
  ["file as parent", [member("/f", "file"), member("/f/x", "file")], "no such directory before its content"],
  ["link to nothing", [member("/l", "hard-link", { linkTarget: byteStringOf("x") })], "no earlier file"],
  [
    "link to a directory",
    [member("/d", "directory"), member("/l", "hard-link", { linkTarget: byteStringOf("d") })],
    "no earlier file",
  ],
  [
    "twice",
    [member("/f", "file"), member("/f", "symlink", { linkTarget: byteStringOf("x") })],
    "contains it twice",
  ],
  ["a directory over a file", [member("/f", "file"), member("/f", "directory")], "contains it twice"],
  ["the root as a file", [member("/", "file")], "the root is not a directory"],
  ["device numbers", [member("/c", "block", { deviceMajor: 4096 })], "impossible device number"],
])("refused: %s", (_name, members, message) => {
  const builder = new TarTreeBuilder(undefined);
  const addAll = (): void => members.forEach((one) => builder.add(one));
  expect(addAll).toThrow(
    expect.objectContaining({ code: "E_IMAGE_SCAN", message: expect.stringContaining(message) }),
  );
});

test("what is below an excluded directory is excluded with it", () => {
  const builder = new TarTreeBuilder(parseFilter(["/var/cache$"]));
  const accepted = ["/var", "/var/cache", "/var/cache/a", "/var/cache/a/b", "/var/cachefile"].map((path) =>
    builder.accepts(member(path, "directory")),
  );
  expect(accepted).toEqual([true, false, false, false, true]);
});
