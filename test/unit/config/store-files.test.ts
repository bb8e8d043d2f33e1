import { expect, test } from "vitest";
import { writeFetchedFiles } from "../../../src/config/store-files.ts";
import { MemoryFileSystem } from "../../support/memory-file-system.ts";

const FETCHED = new Map([
  ["config.json", Buffer.from("{}")],
  ["imagename", Buffer.from("new")],
]);

test("files appear under their names, others stay, nothing else is left", async () => {
  const files = new MemoryFileSystem({
    files: { "/tftpdata/imagename": "old", "/tftpdata/imageserver": "h:1" },
  });
  await writeFetchedFiles(files, "/tftpdata", FETCHED);
  expect(await files.readDirectoryText("/tftpdata")).toEqual(["config.json", "imagename", "imageserver"]);
  expect(await files.readText("/tftpdata/imagename")).toBe("new");
  expect((await files.stat("/tftpdata/config.json")).permissions).toBe(0o644);
});

test("the directory is made", async () => {
  const files = new MemoryFileSystem();
  await writeFetchedFiles(files, "/run/data", FETCHED);
  expect(await files.readText("/run/data/config.json")).toBe("{}");
});

test("when one file cannot be written, none changes", async () => {
  const files = new MemoryFileSystem({ files: { "/tftpdata/config.json": "old" } });
  const fetched = new Map([...FETCHED, ["no/such/directory", Buffer.from("x")]]);
  await expect(writeFetchedFiles(files, "/tftpdata", fetched)).rejects.toMatchObject({ code: "ENOENT" });
  expect(await files.readDirectoryText("/tftpdata")).toEqual(["config.json"]);
  expect(await files.readText("/tftpdata/config.json")).toBe("old");
});
