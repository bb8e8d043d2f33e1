import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { silentLogger } from "../../../../src/core/logger.ts";
import { DryRunFileSystem } from "../../../../src/system/dry-run/dry-run-file-system.ts";
import { SkippedChanges } from "../../../../src/system/dry-run/skipped-changes.ts";
import type { FileSystem } from "../../../../src/system/files.ts";
import { MemoryFileSystem } from "../../../support/memory-file-system.ts";

const REAL_FILES = { "/a": "a", "/d/x": "x", "/d/e/y": "y", "/empty/": "" };

type Operation = (files: FileSystem) => Promise<void>;

const path = fc.constantFrom(
  "/a",
  "/b",
  "/d",
  "/d/x",
  "/d/e",
  "/d/e/y",
  "/d/new",
  "/empty",
  "/empty/z",
  "/none/z",
);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.tuple(path, fc.string({ maxLength: 3 })).map(
    ([at, text]): Operation =>
      async (files) =>
        files.writeFile(at, text),
  ),
  path.map(
    (at): Operation =>
      async (files) =>
        files.makeDirectory(at),
  ),
  path.map(
    (at): Operation =>
      async (files) =>
        files.makeDirectory(at, { parents: true }),
  ),
  path.map(
    (at): Operation =>
      async (files) =>
        files.removeFile(at),
  ),
  path.map(
    (at): Operation =>
      async (files) =>
        files.removeDirectory(at),
  ),
  path.map(
    (at): Operation =>
      async (files) =>
        files.removeTree(at),
  ),
  path.map(
    (at): Operation =>
      async (files) =>
        files.changeMode(at, 0o700),
  ),
  fc.tuple(path, path).map(
    ([from, to]): Operation =>
      async (files) =>
        files.copyContent(from, to),
  ),
);

describe("DryRunFileSystem", () => {
  it("shows what the changes would have done and does none of them", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 12 }), async (operations) => {
        const real = new MemoryFileSystem({ files: REAL_FILES });
        const model = new MemoryFileSystem({ files: REAL_FILES });
        const dryRun = new DryRunFileSystem(real, new SkippedChanges(silentLogger));
        const before = await snapshot(real, "/");
        for (const operate of operations)
          expect(await succeeds(operate(dryRun))).toBe(await succeeds(operate(model)));
        expect(await snapshot(dryRun, "/")).toEqual(await snapshot(model, "/"));
        expect(await snapshot(real, "/")).toEqual(before);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it("moves what was written, with everything below", async () => {
    const real = new MemoryFileSystem({ files: { "/d/x": "old" } });
    const files = new DryRunFileSystem(real, new SkippedChanges(silentLogger));
    await files.makeDirectory("/new/sub", { parents: true });
    await files.writeFile("/new/sub/file", "content");
    await files.rename("/new", "/moved");
    await files.rename("/d/x", "/moved/y");
    expect(await snapshot(files, "/")).toEqual([
      "/d/ 755",
      "/moved/ 755",
      "/moved/sub/ 755",
      "/moved/sub/file 644 content",
      "/moved/y 644 old",
    ]);
  });

  it("admits that it did not keep a large file", async () => {
    const files = new DryRunFileSystem(new MemoryFileSystem(), new SkippedChanges(silentLogger));
    files.remember("/object", 1_000_000, undefined);
    expect((await files.stat("/object")).sizeBytes).toBe(1_000_000);
    await expect(files.readFile("/object")).rejects.toMatchObject({ code: "ENODATA" });
    await files.copyContent("/object", "/copy");
    expect((await files.stat("/copy")).sizeBytes).toBe(1_000_000);
  });
});

async function succeeds(attempt: Promise<void>): Promise<boolean> {
  return attempt.then(
    () => true,
    () => false,
  );
}

async function snapshot(files: FileSystem, directory: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const name of await files.readDirectoryText(directory)) {
    const at = directory === "/" ? `/${name}` : `${directory}/${name}`;
    const { type, permissions } = await files.lstat(at);
    const mode = permissions.toString(8);
    if (type === "directory") lines.push(`${at}/ ${mode}`, ...(await snapshot(files, at)));
    else lines.push(`${at} ${mode} ${await files.readText(at)}`);
  }
  return lines;
}
