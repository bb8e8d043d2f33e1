import { expect, test } from "vitest";
import { type WalkedFile, type WalkRequest, walkDirectory } from "../../../src/objectcache/walk-directory.ts";
import { createFakeHost } from "../../support/fake-host.ts";

async function pathsOf(request: WalkRequest): Promise<string[]> {
  const found: string[] = [];
  for await (const { path } of walkDirectory(request)) found.push(path);
  return found.toSorted();
}

test("everything below the root is found, links are not followed, directories can be left out", async () => {
  const { files } = createFakeHost();
  await files.makeDirectory("/top/a/b", { parents: true });
  await files.writeFile("/top/a/b/file", "");
  await files.makeSymlink("a", "/top/link");
  const request = { root: "/top", files, signal: new AbortController().signal };
  expect(await pathsOf(request)).toEqual(["/top/a", "/top/a/b", "/top/a/b/file", "/top/link"]);
  const isEntered = ({ path }: WalkedFile): boolean => path !== "/top/a/b";
  expect(await pathsOf({ ...request, isEntered })).toEqual(["/top/a", "/top/a/b", "/top/link"]);
});

test("what cannot be read ends the walk, or is reported and passed over", async () => {
  const { files: real } = createFakeHost();
  await real.makeDirectory("/top/a", { parents: true });
  await real.makeDirectory("/top/b");
  await real.writeFile("/top/b/file", "");
  const files: WalkRequest["files"] = {
    lstat: async (path) => real.lstat(path),
    readDirectory: async (path) => {
      if (path.toString() === "/top/a") throw Object.assign(new Error("io"), { code: "EIO" });
      return real.readDirectory(path);
    },
  };
  const request = { root: "/top", files, signal: new AbortController().signal };
  await expect(pathsOf(request)).rejects.toMatchObject({ code: "EIO" });
  const problems: string[] = [];
  const onProblem = (path: string): void => void problems.push(path);
  expect(await pathsOf({ ...request, onProblem })).toEqual(["/top/a", "/top/b", "/top/b/file"]);
  expect(problems).toEqual(["/top/a"]);
});
