import fc from "fast-check";
import { pack } from "tar-stream";
import { expect, test } from "vitest";
import { InstallerError } from "../../../src/core/errors.ts";
import { scanTar } from "../../../src/images/scan-tar.ts";
import { walkTree } from "../../../src/images/tree.ts";
import { DirectoryObjectStore } from "../../../src/objectcache/directory-object-store.ts";
import { createFakeHost } from "../../support/fake-host.ts";

const signal = new AbortController().signal;

/** A small archive with a member of every kind. */
async function makeArchive(): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: "./", type: "directory", mode: 0o711 });
  archive.entry({ name: "etc/", type: "directory" });
  archive.entry({ name: "etc/passwd" }, "root:x:0:0");
  archive.entry({ name: "etc/link", type: "symlink", linkname: "passwd" });
  archive.entry({ name: "etc/hard", type: "link", linkname: "etc/passwd" });
  archive.entry({ name: "null", type: "character-device", devmajor: 1, devminor: 3 });
  archive.entry({ name: "pipe", type: "fifo" });
  archive.entry({ name: `etc/${"größe".repeat(30)}`, mtime: new Date(1_234_567_890_000) }, "long");
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

async function scanBytes(bytes: Uint8Array): Promise<string[]> {
  const host = createFakeHost();
  await host.files.writeFile("/image.tar", bytes);
  const objects = new DirectoryObjectStore({ ...host, root: "/cache" });
  const tree = await scanTar({ archive: "/image.tar", files: host.files, objects, signal });
  return [...walkTree(tree)].map(({ path }) => Buffer.from(path, "latin1").toString());
}

test("an archive becomes a tree", async () => {
  expect(await scanBytes(await makeArchive())).toEqual([
    "/",
    "/etc",
    `/etc/${"größe".repeat(30)}`,
    "/etc/hard",
    "/etc/link",
    "/etc/passwd",
    "/null",
    "/pipe",
  ]);
});

test("a damaged archive is a tree or an error of ours, never anything else", async () => {
  const archive = await makeArchive();
  const damages = fc.array(fc.record({ offset: fc.nat(archive.byteLength - 1), value: fc.nat(255) }), {
    minLength: 1,
    maxLength: 4,
  });
  await fc.assert(
    fc.asyncProperty(damages, fc.nat(archive.byteLength), fc.boolean(), async (changes, length, isCut) => {
      const bytes = Buffer.from(isCut ? archive.subarray(0, length) : archive);
      for (const { offset, value } of changes) if (offset < bytes.byteLength) bytes[offset] = value;
      repairChecksums(bytes);
      try {
        await scanBytes(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(InstallerError);
        expect((error as InstallerError).code).toMatch(/^E_IMAGE_(SCAN|INVALID)$/);
      }
    }),
    { seed: 1, numRuns: 400 },
  );
});

/** Makes the checksums right again, so that the damage gets past them; every block is taken for a header. */
function repairChecksums(bytes: Buffer): void {
  for (let block = 0; block + 512 <= bytes.byteLength; block += 512) {
    const header = bytes.subarray(block, block + 512);
    if (header.toString("latin1", 257, 262) !== "ustar") continue;
    header.fill(" ", 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  }
}
