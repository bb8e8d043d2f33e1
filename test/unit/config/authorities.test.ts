import { expect, test } from "vitest";
import { readAuthorities } from "../../../src/config/authorities.ts";
import { MemoryFileSystem } from "../../support/memory-file-system.ts";

test("what distribution and fleet trust", async () => {
  const files = new MemoryFileSystem({
    files: { "/etc/ssl/certs/ca-certificates.crt": "many", "/etc/ssl/CA.pem": "ours" },
  });
  expect(await readAuthorities(files)).toEqual(["many", "ours"]);
});

test("one of the files is enough", async () => {
  expect(await readAuthorities(new MemoryFileSystem({ files: { "/etc/ssl/CA.pem": "ours" } }))).toEqual([
    "ours",
  ]);
});

test("without either the runtime's own list counts", async () => {
  expect(await readAuthorities(new MemoryFileSystem())).toBeUndefined();
});

test("a file that cannot be read is not taken for absent", async () => {
  const files = new MemoryFileSystem({ files: { "/etc/ssl/CA.pem/": "" } });
  await expect(readAuthorities(files)).rejects.toMatchObject({ code: "EISDIR" });
});
