import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formatListing } from "../../../src/images/listing.ts";
import type { Inode } from "../../../src/images/model.ts";
import { decodeGob } from "../../../src/rpc/gob/decoder.ts";
import { imageFromWire } from "../../../src/rpc/messages/image-conversion.ts";
import { getImageResponse } from "../../../src/rpc/messages/image-server.ts";
import { file, special, symlink, treeOf } from "../../support/image-trees.ts";

const vectors = join(import.meta.dirname, "../../vectors/image/from-tar");

test("the listing of a recorded image is the original's, byte by byte", () => {
  const reply = decodeGob(getImageResponse, readFileSync(join(vectors, "reply.gob")));
  const tree = reply.Image && imageFromWire(reply.Image).fileSystem;
  if (tree === undefined) throw new Error("the vector has no tree");
  const listing = [...formatListing(tree)].map((line) => `${line}\n`).join("");
  expect(listing).toBe(readFileSync(join(vectors, "listing.txt"), "latin1"));
});

function lineOf(inode: Inode): string {
  const [, line = ""] = formatListing(treeOf({ x: inode }));
  return line;
}

test.each<[string, Inode]>([
  [
    `-rwSr-sr-T   1     0     0          1 01 Jan 1970 00:00:00 UTC /x ${file("1").objectId}`,
    file("1", { mode: 0o107654 }),
  ],
  ["-rw-r--r--   1 12345 99999          0 01 Jan 1970 00:00:00 UTC /x", file("", { uid: 12345, gid: 99999 })],
  ["lrwxrwxrwx   1     0     0                                     /x -> y z", symlink("y z")],
  [
    "prw-------   1     0     0            31 Dec 1969 23:59:59 UTC /x",
    special(0o010600, 0n, { mtimeSeconds: -1n }),
  ],
  [
    "brw-------   1     0     0 0xfff103fa 01 Jan 1970 00:00:01 UTC /x",
    special(0o060600, 0xfff103fan, { mtimeSeconds: 1n }),
  ],
  [
    "-rwxr-xr-x   1     0     0   computed                          /x <- host:6900",
    { kind: "computed", mode: 0o100755, uid: 0, gid: 0, source: "host:6900" },
  ],
  [
    "-rw-r--r--   1     0     0          0 29 Feb 2400 00:00:00 UTC /x",
    file("", { mtimeSeconds: 13574563200n }),
  ],
  [
    "-rw-r--r--   1     0     0          0 01 Jan 275761 00:00:00 UTC /x",
    file("", { mtimeSeconds: 8640009504000n }),
  ],
])("%s", (line, inode) => {
  expect(lineOf(inode)).toBe(line);
});
