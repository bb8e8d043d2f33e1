import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "../../../src/core/logger.ts";
import { DryRunFileSystem } from "../../../src/system/dry-run/dry-run-file-system.ts";
import { SkippedChanges } from "../../../src/system/dry-run/skipped-changes.ts";
import type { FileSystem } from "../../../src/system/files.ts";
import { createLazyNativeCalls } from "../../../src/system/node/native/lazy-native-calls.ts";
import { NodeFileSystem } from "../../../src/system/node/node-file-system.ts";
import { MemoryFileSystem } from "../../support/memory-file-system.ts";

const S_IFIFO = 0o010000;
const S_IFCHR = 0o020000;
const S_IFBLK = 0o060000;
const S_IFSOCK = 0o140000;

const nodeFiles = () => new NodeFileSystem(createLazyNativeCalls());
const adapters: readonly (readonly [string, () => FileSystem])[] = [
  ["NodeFileSystem", nodeFiles],
  ["MemoryFileSystem", () => new MemoryFileSystem()],
  ["DryRunFileSystem", () => new DryRunFileSystem(nodeFiles(), new SkippedChanges(silentLogger))],
];

describe.each(adapters)("files: %s", (_, createFiles) => {
  let scratch = "";
  let files: FileSystem = createFiles();
  const at = (name: string): string => join(scratch, name);
  const bytesAt = (name: Buffer): Buffer => Buffer.concat([Buffer.from(`${scratch}/`), name]);

  beforeEach(async () => {
    scratch = mkdtempSync(join(tmpdir(), "files-contract-"));
    files = createFiles();
    await files.makeDirectory(scratch, { parents: true, mode: 0o700 });
  });
  afterEach(() => rmSync(scratch, { recursive: true, force: true }));

  it("writes and reads content", async () => {
    await files.writeFile(at("a"), "hello");
    expect(await files.readText(at("a"))).toBe("hello");
    expect(await files.readFile(at("a"))).toEqual(Buffer.from("hello"));
    expect(await files.readHead(at("a"), 3)).toEqual(Buffer.from("hel"));
    expect(await files.readHead(at("a"), 100)).toEqual(Buffer.from("hello"));
    const pieces: Buffer[] = [];
    for await (const piece of files.readStream(at("a"))) pieces.push(piece);
    expect(Buffer.concat(pieces).toString()).toBe("hello");
    await files.writeFile(at("a"), new Uint8Array([1, 2]));
    expect(await files.readFile(at("a"))).toEqual(Buffer.from([1, 2]));
  });

  it("reads from an offset, up to the end and not beyond", async () => {
    await files.writeFile(at("a"), "0123456789");
    expect((await files.readAt(at("a"), 3, 4)).toString()).toBe("3456");
    expect((await files.readAt(at("a"), 8, 4)).toString()).toBe("89");
    expect((await files.readAt(at("a"), 10, 4)).toString()).toBe("");
    expect((await files.readAt(at("a"), 2 ** 40, 4)).toString()).toBe("");
    expect((await files.readAt(at("a"), 5, 0)).toString()).toBe("");
    expect(await failure(files.readAt(at("none"), 0, 1))).toBe("ENOENT");
    expect(await failure(files.readAt(scratch, 0, 1))).toBe("EISDIR");
  });

  it("refuses to read more than the limit", async () => {
    await files.writeFile(at("a"), "12345");
    expect(await failure(files.readFile(at("a"), { limitBytes: 4 }))).toBe("EFBIG");
    expect(await files.readText(at("a"), { limitBytes: 5 })).toBe("12345");
  });

  it("sets the mode whatever the umask is", async () => {
    await files.writeFile(at("default"), "");
    await files.writeFile(at("program"), "", { mode: 0o4777 });
    await files.writeFileAtomic(at("key"), "", { mode: 0o600 });
    await files.makeDirectory(at("tmp"), { mode: 0o1777 });
    const names = ["default", "program", "key", "tmp"];
    const modes = await Promise.all(names.map(async (name) => (await files.lstat(at(name))).permissions));
    expect(modes).toEqual([0o644, 0o4777, 0o600, 0o1777]);
  });

  it("replaces a file atomically and leaves no temporary file", async () => {
    await files.writeFile(at("a"), "old");
    await files.writeFileAtomic(at("a"), "new");
    expect(await files.readText(at("a"))).toBe("new");
    expect(await files.readDirectoryText(scratch)).toEqual(["a"]);
    expect(await failure(files.writeFileAtomic(at("none/a"), "new"))).toBe("ENOENT");
  });

  it("appends and tells the size", async () => {
    await files.writeFile(at("log"), "one\n");
    await using log = await files.openAppend(at("log"));
    log.write("två\n");
    expect(log.sizeBytes()).toBe(9);
    await log.sync();
    expect(await files.readText(at("log"))).toBe("one\ntvå\n");
  });

  it.each([
    ["a missing file", "none", "ENOENT"],
    ["a directory", ".", "EISDIR"],
    ["something below a file", "file/x", "ENOTDIR"],
  ])("does not read %s", async (_, name, code) => {
    await files.writeFile(at("file"), "");
    expect(await failure(files.readFile(at(name)))).toBe(code);
  });

  it("keeps names that are not UTF-8 and sorts names byte-wise", async () => {
    const names = [Buffer.from([0xff, 0xfe]), Buffer.from("z"), Buffer.from("ä"), Buffer.from("a b")];
    for (const name of names) await files.writeFile(bytesAt(name), "");
    const sorted = ["a b", "z", "ä"].map((name) => Buffer.from(name));
    expect(await files.readDirectory(scratch)).toEqual([...sorted, Buffer.from([0xff, 0xfe])]);
    await files.rename(bytesAt(Buffer.from([0xff, 0xfe])), bytesAt(Buffer.from([0xc3])));
    expect(await files.exists(bytesAt(Buffer.from([0xc3])))).toBe(true);
  });

  it("follows links only where it says so", async () => {
    await files.writeFile(at("file"), "content");
    await files.makeSymlink("file", at("link"));
    await files.makeSymlink(Buffer.from([0xff]), at("dangling"));
    expect((await files.lstat(at("link"))).type).toBe("symlink");
    expect((await files.stat(at("link"))).type).toBe("file");
    expect(await files.readText(at("link"))).toBe("content");
    expect(await files.readLink(at("dangling"))).toEqual(Buffer.from([0xff]));
    expect(await files.exists(at("dangling"))).toBe(true);
    expect(await failure(files.stat(at("dangling")))).toBe("ENOENT");
    expect(await failure(files.readLink(at("file")))).toBe("EINVAL");
    expect(await failure(files.makeSymlink("x", at("link")))).toBe("EEXIST");
    await files.changeOwner(at("link"), 12, 34);
    await files.changeTimes(at("link"), { seconds: 5n, nanoseconds: 6 });
    const link = await files.lstat(at("link"));
    expect([link.uid, link.gid, link.modifiedNs]).toEqual([12, 34, 5_000_000_006n]);
    expect((await files.lstat(at("file"))).uid).toBe(0);
    await files.removeFile(at("link"));
    expect(await files.exists(at("file"))).toBe(true);
  });

  it("gives up on links that go in circles", async () => {
    await files.makeSymlink("b", at("a"));
    await files.makeSymlink("a", at("b"));
    expect(await failure(files.stat(at("a")))).toBe("ELOOP");
  });

  it("makes directories with their parents", async () => {
    await files.makeDirectory(at("p/q/r"), { parents: true, mode: 0o2750 });
    await files.makeDirectory(at("p/q/r"), { parents: true, mode: 0o700 });
    expect((await files.stat(at("p/q/r"))).permissions).toBe(0o2750);
    expect((await files.stat(at("p"))).permissions).toBe(0o755);
    expect(await failure(files.makeDirectory(at("p")))).toBe("EEXIST");
    expect(await failure(files.makeDirectory(at("x/y")))).toBe("ENOENT");
    await files.writeFile(at("file"), "");
    expect(await failure(files.makeDirectory(at("file"), { parents: true }))).toBe("EEXIST");
  });

  it("makes temporary directories that differ", async () => {
    const first = await files.makeTemporaryDirectory(scratch, "work-");
    const second = await files.makeTemporaryDirectory(scratch, "work-");
    expect(first).not.toBe(second);
    expect(first.startsWith(at("work-"))).toBe(true);
    expect((await files.stat(first)).permissions).toBe(0o700);
  });

  it.each([
    ["character", S_IFCHR | 0o666, 0x103n, 0x103n],
    ["block", S_IFBLK | 0o660, 0x800_0005n, 0x800_0005n],
    ["fifo", S_IFIFO | 0o622, 0n, 0n],
    ["socket", S_IFSOCK | 0o755, 0n, 0n],
  ])("makes a %s node", async (type, mode, rdev, seenRdev) => {
    await files.makeNode(at("node"), mode, rdev);
    const status = await files.lstat(at("node"));
    expect([status.type, status.permissions, status.rdev]).toEqual([type, mode & 0o7777, seenRdev]);
    expect(await failure(files.makeNode(at("node"), mode, rdev))).toBe("EEXIST");
  });

  it("keeps set-id bits when the mode is set after the owner", async () => {
    await files.writeFile(at("sudo"), "");
    await files.changeOwner(at("sudo"), 0, 7);
    await files.changeMode(at("sudo"), 0o6755);
    const { uid, gid, permissions } = await files.lstat(at("sudo"));
    expect([uid, gid, permissions]).toEqual([0, 7, 0o6755]);
  });

  it.each([
    ["now-ish", 1_700_000_000n, 123_456_789],
    ["before 1970", -5n, 999_999_999],
    ["1970", 0n, 1],
    ["after 2106", 4_300_000_000n, 500],
  ])("sets times exactly: %s", async (_, seconds, nanoseconds) => {
    await files.writeFile(at("a"), "");
    await files.changeTimes(at("a"), { seconds, nanoseconds });
    expect((await files.lstat(at("a"))).modifiedNs).toBe(seconds * 1_000_000_000n + BigInt(nanoseconds));
    expect(await failure(files.changeTimes(at("none"), { seconds, nanoseconds }))).toBe("ENOENT");
  });

  it("renames over a file and an empty directory, not over a full one", async () => {
    await files.makeDirectory(at("from"));
    await files.writeFile(at("from/x"), "x");
    await files.makeDirectory(at("empty"));
    await files.rename(at("from"), at("empty"));
    expect(await files.readText(at("empty/x"))).toBe("x");
    expect(await files.exists(at("from"))).toBe(false);
    expect(await failure(files.rename(at("none"), at("y")))).toBe("ENOENT");
  });

  it("removes files and directories", async () => {
    await files.makeDirectory(at("d"));
    await files.writeFile(at("d/x"), "");
    expect(await failure(files.removeFile(at("d")))).toBe("EISDIR");
    expect(await failure(files.removeDirectory(at("d")))).toBe("ENOTEMPTY");
    expect(await failure(files.removeFile(at("none")))).toBe("ENOENT");
    await files.removeFile(at("d/x"));
    await files.removeDirectory(at("d"));
    expect(await files.readDirectory(scratch)).toEqual([]);
  });

  it("removes a tree without following links", async () => {
    await files.makeDirectory(at("keep"));
    await files.writeFile(at("keep/precious"), "");
    await files.makeDirectory(at("tree/sub"), { parents: true });
    await files.writeFile(bytesAt(Buffer.from([0x74, 0x72, 0x65, 0x65, 0x2f, 0xff])), "");
    await files.makeSymlink("../../keep", at("tree/sub/link"));
    await files.makeNode(at("tree/fifo"), S_IFIFO | 0o600, 0n);
    await files.makeSymlink("keep", at("top"));
    await files.removeTree(at("tree"));
    await files.removeTree(at("top"));
    await files.removeTree(at("none"));
    expect(await files.readDirectoryText(scratch)).toEqual(["keep"]);
    expect(await files.exists(at("keep/precious"))).toBe(true);
  });

  it("copies content into a new private file", async () => {
    await files.writeFile(at("a"), "content", { mode: 0o777 });
    await files.copyContent(at("a"), at("b"));
    expect(await files.readText(at("b"))).toBe("content");
    expect((await files.lstat(at("b"))).permissions).toBe(0o600);
    expect(await failure(files.copyContent(at("a"), at("b")))).toBe("EEXIST");
  });

  it("copies large content", async () => {
    await files.writeFile(at("a"), Buffer.alloc(300_000, 1));
    await files.copyContent(at("a"), at("b"));
    expect((await files.lstat(at("b"))).sizeBytes).toBe(300_000);
  });

  it("tells the space of a file-system and syncs it", async () => {
    const space = await files.space(scratch);
    expect(space.blockSizeBytes).toBeGreaterThanOrEqual(512);
    expect(space.totalBytes).toBeGreaterThan(space.freeBytes);
    expect(space.freeInodes).toBeGreaterThan(0);
    await files.syncFileSystem(scratch);
    expect(await failure(files.syncFileSystem(at("none")))).toBe("ENOENT");
  });

  it("resolves links to a real path", async () => {
    await files.makeDirectory(at("d"));
    expect(await files.realPath(`${scratch}/d/../d`)).toBe(at("d"));
  });

  it("does not see a NUL as the end of a name", async () => {
    const name = bytesAt(Buffer.from("a\0b"));
    expect(await failure(files.makeNode(name, S_IFIFO | 0o600, 0n))).toBe("EINVAL");
    expect(await failure(files.changeTimes(name, { seconds: 0n, nanoseconds: 0 }))).toBe("EINVAL");
    expect(await files.exists(at("a"))).toBe(false);
  });
});

// Not for the dry run: it copies what a link names, since nothing is written through it afterwards.
describe.each(adapters.slice(0, 2))("hard links: %s", (_, createFiles) => {
  let scratch = "";
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), "files-contract-"));
  });
  afterEach(() => rmSync(scratch, { recursive: true, force: true }));

  it("share content, and are written through at an offset", async () => {
    const files = createFiles();
    const at = (name: string): string => join(scratch, name);
    await files.makeDirectory(at("d"), { parents: true });
    await files.writeFile(at("a"), "0123456789");
    await files.makeLink(at("a"), at("b"));
    await files.writeAt(at("b"), 3, Buffer.from("xyz"));
    expect(await files.readText(at("a"))).toBe("012xyz6789");
    const [a, b] = [await files.lstat(at("a")), await files.lstat(at("b"))];
    expect([b.inode, b.linkCount]).toEqual([a.inode, 2]);
    expect(await failure(files.writeAt(at("none"), 0, Buffer.from("x")))).toBe("ENOENT");
    expect(await failure(files.makeLink(at("a"), at("b")))).toBe("EEXIST");
    expect(await failure(files.makeLink(at("d"), at("e")))).toBe("EPERM");
  });
});

async function failure(operation: Promise<unknown>): Promise<unknown> {
  return operation.then(
    () => "no error",
    (error: unknown) => (error as NodeJS.ErrnoException).code,
  );
}
