import { lstatSync, mkdirSync, readFileSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseFilter } from "../../src/images/filter.ts";
import { formatListing } from "../../src/images/listing.ts";
import type { FileSystemTree } from "../../src/images/model.ts";
import { scanTar } from "../../src/images/scan-tar.ts";
import { type ScanTreeRequest, scanTree } from "../../src/images/scan-tree.ts";
import { requiredObjects, walkTree } from "../../src/images/tree.ts";
import { unpackImage } from "../../src/images/unpack.ts";
import { compareTreeWithDirectory } from "../../src/images/verify.ts";
import { DirectoryObjectStore } from "../../src/objectcache/directory-object-store.ts";
import { createNodeHost } from "../../src/system/node/node-host.ts";
import { idOf } from "../support/image-trees.ts";
import { run, Scratch } from "../support/scratch.ts";

const host = createNodeHost();
const { files } = host;
const signal = new AbortController().signal;
afterAll(async () => host[Symbol.asyncDispose]());

function storeIn(scratch: Scratch): DirectoryObjectStore {
  return new DirectoryObjectStore({ ...host, root: scratch.at("objects") });
}

function pathsOf(tree: FileSystemTree): string[] {
  return [...walkTree(tree)].map(({ path }) => path);
}

/** A source directory with a file of every kind. */
function makeSource(scratch: Scratch): string {
  const script = `
    mkdir -p dev etc/deep usr/bin sub .subd/x && cd etc
    printf 'root:x:0:0' > passwd && printf setuid > ../usr/bin/tool && chown 3:4 ../usr/bin/tool && chmod 6755 ../usr/bin/tool
    ln ../usr/bin/tool ../usr/bin/hard && ln -s ../passwd deep/link && chown -h 5:6 deep/link && : > empty
    head -c 300000 /dev/urandom > large && cp large deep/copy && touch -d '1969-12-31 23:59:58.25 UTC' passwd
    mknod -m 600 ../dev/sdz b 65 144 && mkfifo -m 622 ../dev/pipe && ln ../dev/pipe ../dev/pipe2
    chmod 2750 deep && cd .. && chmod 711 .`;
  mkdirSync(scratch.at("source"));
  run("sh", ["-ec", `cd "$0"; ${script}`, scratch.at("source")]);
  return scratch.at("source");
}

test("a directory that is scanned and unpacked again is the same directory", async () => {
  using scratch = new Scratch();
  const objects = storeIn(scratch);
  const source = makeSource(scratch);
  const progress: [number, number][] = [];
  const onProgress = (...now: [number, number]): void => void progress.push(now);
  const tree = await scanTree({ root: source, files, objects, signal, onProgress });
  run("rm", ["-r", `${source}/.subd`]);
  expect(await compareTreeWithDirectory({ tree, directory: source, ...host, signal })).toEqual([]);
  await unpackImage({ tree, target: scratch.at("copy"), objects, files, signal });
  expect(await compareTreeWithDirectory({ tree, directory: scratch.at("copy"), ...host, signal })).toEqual(
    [],
  );
  expect(tree).toMatchObject({ statedRegularInodes: 5n, statedDataBytes: 600_016n, statedDirectories: 7n });
  expect(tree.root.mode).toBe(0o040711);
  expect(requiredObjects(tree).size).toBe(3);
  expect(progress.at(-1)).toEqual([4, 600_016]);
});

test("sockets, other file-systems, excluded paths and the management directory are left out", async () => {
  using scratch = new Scratch();
  const objects = storeIn(scratch);
  const source = makeSource(scratch);
  scratch.mountTmpfs("source/proc");
  const server = createServer().listen(`${source}/etc/socket`);
  await new Promise((resolve) => server.once("listening", resolve));
  const filter = parseFilter(["/usr(|/.*)$", "/etc/large"]);
  const tree = await scanTree({ root: source, files, objects, filter, signal });
  await new Promise((resolve) => server.close(resolve));
  expect(pathsOf(tree)).toEqual([
    "/",
    "/dev",
    "/dev/pipe",
    "/dev/pipe2",
    "/dev/sdz",
    "/etc",
    "/etc/deep",
    "/etc/deep/copy",
    "/etc/deep/link",
    "/etc/empty",
    "/etc/passwd",
    "/sub",
  ]);
});

test("a file that vanishes before it is read is left out, one that cannot be read is an error", async () => {
  using scratch = new Scratch();
  const store = storeIn(scratch);
  mkdirSync(scratch.at("source"));
  for (const name of ["a", "b", "c"]) writeFileSync(scratch.at("source", name), name);
  const request: ScanTreeRequest = {
    root: scratch.at("source"),
    files,
    signal,
    objects: {
      add: async (content) => store.add(content),
      addFile: async (path, isWanted) => {
        if (path.toString().endsWith("/b")) unlinkSync(path);
        return store.addFile(path, isWanted);
      },
    },
  };
  expect(pathsOf(await scanTree(request))).toEqual(["/", "/a", "/c"]);
  const failing: ScanTreeRequest["objects"] = {
    ...request.objects,
    addFile: async () => Promise.reject(Object.assign(new Error("io"), { code: "EIO" })),
  };
  await expect(scanTree({ ...request, objects: failing })).rejects.toMatchObject({
    code: "E_IMAGE_SCAN",
    message: "scanning /a",
    cause: { code: "EIO" },
  });
  await expect(scanTree({ ...request, root: scratch.at("source/a") })).rejects.toMatchObject({
    code: "E_IMAGE_SCAN",
  });
});

test.each([
  ["gnu", []],
  ["gnu", ["--gzip"]],
  ["posix", []],
  ["ustar", []],
] as const)("a %s archive %j is the tree of its directory", async (format, options) => {
  using scratch = new Scratch();
  const objects = storeIn(scratch);
  const source = makeSource(scratch);
  // Archives have no hard links between pipes.
  unlinkSync(`${source}/dev/pipe2`);
  // Long and odd names; ustar has neither negative nor fractional times.
  mkdirSync(`${source}/${"long".repeat(20)}`);
  writeFileSync(`${source}/${"long".repeat(20)}/${"name".repeat(20)}`, "x");
  writeFileSync(`${source}/größe`, "y");
  if (format === "ustar") run("touch", ["-d", "@1000000000", `${source}/etc/passwd`]);
  const archive = scratch.at("image.tar");
  run("tar", [
    "-C",
    source,
    `--format=${format}`,
    "--exclude=.subd",
    "--sort=name",
    ...options,
    "-cf",
    archive,
    ".",
  ]);
  const tree = await scanTar({ archive, files, objects, signal });
  run("rm", ["-r", `${source}/.subd`]);
  const differences = await compareTreeWithDirectory({ tree, directory: source, ...host, signal });
  // Only pax archives have fractions of seconds.
  const relevant = differences.filter(({ aspect }) => format === "posix" || aspect !== "time");
  expect(relevant.map(({ path, aspect }) => `${path} ${aspect}`)).toEqual([]);
  for (const { path, expected, found } of differences) {
    const roundedDown = (BigInt(found) / 1_000_000_000n - (BigInt(found) < 0n ? 1n : 0n)) * 1_000_000_000n;
    expect(expected, path).toBe(String(roundedDown));
  }
  const numbers = [...tree.inodes.keys()];
  expect(new Set(numbers)).toEqual(new Set(numbers.map((_, index) => BigInt(index + 1))));
  expect(await objects.has(idOf("root:x:0:0"))).toBe(true);
});

test("names in a GNU archive need not be UTF-8", async () => {
  using scratch = new Scratch();
  mkdirSync(scratch.at("source"));
  writeFileSync(Buffer.concat([Buffer.from(`${scratch.at("source")}/`), Buffer.from([0xff])]), "x");
  run("tar", ["-C", scratch.at("source"), "--format=gnu", "-cf", scratch.at("a.tar"), "."]);
  const tree = await scanTar({ archive: scratch.at("a.tar"), files, objects: storeIn(scratch), signal });
  expect([...formatListing(tree)].at(-1)).toContain("UTC /\xff ");
});

test("an archive with an excluded directory", async () => {
  using scratch = new Scratch();
  const archive = scratch.at("image.tar");
  run("tar", ["-C", makeSource(scratch), "-cf", archive, "usr", "dev", "sub"]);
  const filter = parseFilter(["/usr$", "/dev/pipe"]);
  const tree = await scanTar({ archive, files, objects: storeIn(scratch), filter, signal });
  expect(pathsOf(tree)).toEqual(["/", "/dev", "/dev/sdz", "/sub"]);
});

test.each<[string, (archive: string, bytes: Buffer) => Buffer]>([
  ["cut in a header", (_archive, bytes) => bytes.subarray(0, 700)],
  ["cut in a file", (_archive, bytes) => bytes.subarray(0, 100_000)],
  ["no archive", () => Buffer.from("this is no archive".repeat(100))],
  [
    "a bad checksum",
    (_archive, bytes) => Buffer.concat([bytes.subarray(0, 148), Buffer.alloc(8, "7"), bytes.subarray(156)]),
  ],
  ["empty", () => Buffer.alloc(0)],
  [
    "cut compressed data",
    (archive) => {
      run("gzip", ["-k", archive]);
      return readFileSync(`${archive}.gz`).subarray(0, 50_000);
    },
  ],
])("a damaged archive is refused: %s", async (_name, damage) => {
  using scratch = new Scratch();
  const archive = scratch.at("image.tar");
  run("tar", ["-C", makeSource(scratch), "-cf", archive, "."]);
  writeFileSync(archive, damage(archive, readFileSync(archive)));
  const work = scanTar({ archive, files, objects: storeIn(scratch), signal });
  await expect(work).rejects.toMatchObject({
    code: "E_IMAGE_SCAN",
    message: expect.stringContaining("image.tar"),
  });
});

test("an archive that climbs out or lacks its directories is refused", async () => {
  using scratch = new Scratch();
  const source = makeSource(scratch);
  const archive = scratch.at("image.tar");
  const options = { archive, files, objects: storeIn(scratch), signal };
  run("tar", ["-C", source, "-P", "-cf", archive, "etc/../../source/etc/passwd"]);
  await expect(scanTar(options)).rejects.toMatchObject({
    code: "E_IMAGE_SCAN",
    message: expect.stringContaining(".."),
  });
  run("tar", ["-C", source, "-cf", archive, "etc/passwd"]);
  await expect(scanTar(options)).rejects.toMatchObject({ code: "E_IMAGE_SCAN" });
});

test("times of scanned files are exact", async () => {
  using scratch = new Scratch();
  const path = join(scratch.path, "source/f");
  mkdirSync(scratch.at("source"));
  writeFileSync(path, "x");
  utimesSync(path, 1, 1);
  run("touch", ["-d", "1901-12-14 00:00:00.123456789 UTC", path]);
  const tree = await scanTree({ root: scratch.at("source"), files, objects: storeIn(scratch), signal });
  expect(tree.inodes.get(BigInt(lstatSync(path).ino))).toMatchObject({
    mtimeSeconds: BigInt(Date.UTC(1901, 11, 14) / 1000),
    mtimeNanoseconds: 123_456_789,
  });
});
