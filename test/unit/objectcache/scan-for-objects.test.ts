import { expect, test } from "vitest";
import { silentLogger } from "../../../src/core/logger.ts";
import { DirectoryObjectStore } from "../../../src/objectcache/directory-object-store.ts";
import { scanForObjects } from "../../../src/objectcache/scan-for-objects.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { idOf } from "../../support/image-trees.ts";

const signal = new AbortController().signal;

test("wanted files are found by size, then by content; links and other sizes are not read", async () => {
  const host = createFakeHost();
  await host.files.makeDirectory("/old/usr/lib", { parents: true });
  await host.files.writeFile("/old/usr/lib/a", "wanted");
  await host.files.makeLink("/old/usr/lib/a", "/old/usr/again");
  await host.files.writeFile("/old/usr/b", "not it");
  await host.files.writeFile("/old/usr/c", "another length");
  await host.files.makeSymlink("lib/a", "/old/usr/link");
  const store = new DirectoryObjectStore({ ...host, root: "/cache" });
  const wanted = new Map([
    [idOf("wanted"), 6],
    [idOf("absent"), 6],
    [idOf("other"), 5],
  ]);
  const result = await scanForObjects({ ...host, root: "/old", wanted, store, log: silentLogger, signal });
  expect(result).toMatchObject({ objects: 1, bytes: 6, scannedFiles: 2, scannedBytes: 12 });
  expect(await store.missing(wanted.keys())).toEqual(new Set([idOf("absent"), idOf("other")]));
});

test("an abort ends the search", async () => {
  const host = createFakeHost();
  await host.files.makeDirectory("/old");
  await host.files.writeFile("/old/a", "x");
  const store = new DirectoryObjectStore({ ...host, root: "/cache" });
  const wanted = new Map([[idOf("y"), 1]]);
  const aborted = AbortSignal.abort(new Error("stopped"));
  const work = scanForObjects({ ...host, root: "/old", wanted, store, log: silentLogger, signal: aborted });
  await expect(work).rejects.toThrow("stopped");
});
