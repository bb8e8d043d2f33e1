import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Image } from "../../../../src/images/model.ts";
import { decodeGob } from "../../../../src/rpc/gob/decoder.ts";
import { encodeGob } from "../../../../src/rpc/gob/encoder.ts";
import type { WireImage } from "../../../../src/rpc/messages/image.ts";
import { imageFromWire, imageToWire } from "../../../../src/rpc/messages/image-conversion.ts";
import { getImageResponse } from "../../../../src/rpc/messages/image-server.ts";

const VECTORS = join(import.meta.dirname, "../../../vectors/gob");

function recordedImage(name: string): WireImage {
  const { Image: image } = decodeGob(getImageResponse, readFileSync(join(VECTORS, `${name}.gob`)));
  if (image === undefined) throw new Error(`${name} has no image`);
  return image;
}

describe("images in messages", () => {
  it.each(["msg-getimage-response-full", "msg-getimage-response-many", "msg-getimage-response-nofs"])(
    "%s survives the way to the model and back over the wire",
    (name) => {
      const image = imageFromWire(recordedImage(name));
      const sent = encodeGob(getImageResponse, { Image: imageToWire(image), InformationDatabaseURL: "" });
      const received = decodeGob(getImageResponse, sent).Image;
      expect(received && imageFromWire(received)).toEqual(image);
    },
  );

  it("has every kind of inode", () => {
    const { fileSystem } = imageFromWire(recordedImage("msg-getimage-response-full"));
    const kinds = new Set([...(fileSystem?.inodes.values() ?? [])].map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(["computed", "directory", "regular", "special", "symlink"]);
    expect(fileSystem?.root.entries.length).toBeGreaterThan(0);
  });

  it("tells absent from empty", () => {
    const wire = recordedImage("msg-getimage-response-nofs");
    const sparse = imageFromWire(wire);
    expect(sparse).not.toHaveProperty("filter");
    expect(sparse).not.toHaveProperty("fileSystem");
    expect(imageFromWire({ ...wire, Filter: { FilterLines: [] } }).filter).toEqual([]);
    const neverExpires: Image = imageFromWire({
      ...wire,
      ExpiresAt: { seconds: -62_135_596_800n, nanoseconds: 0, offsetSeconds: 0 },
    });
    expect(neverExpires).not.toHaveProperty("expiresAt");
  });
});

describe("hostile images", () => {
  const tree = (inode: NonNullable<WireImage["FileSystem"]>["InodeTable"]): WireImage => ({
    ...recordedImage("msg-getimage-response-nofs"),
    FileSystem: {
      InodeTable: inode,
      NumRegularInodes: 2n ** 64n - 1n,
      TotalDataBytes: 0n,
      DirectoryCount: 0n,
      DirectoryInode: { EntryList: [], Mode: 0o40755, Uid: 0, Gid: 0 },
    },
  });
  const regular = {
    Mode: 0o100644,
    Uid: 0,
    Gid: 0,
    MtimeNanoSeconds: 0,
    MtimeSeconds: 0n,
    Hash: "0".repeat(128) as never,
  };

  it("refuses a size that no number holds", () => {
    const wire = tree(
      new Map([[7n, { type: "*filesystem.RegularInode", value: { ...regular, Size: 2n ** 53n } }]]),
    );
    expect(() => imageFromWire(wire)).toThrow(
      expect.objectContaining({
        code: "E_IMAGE_INVALID",
        message: "reading an image: Size of inode 7 is 9007199254740992",
      }),
    );
  });

  it("treats a nil inode as missing", () => {
    expect(imageFromWire(tree(new Map([[7n, undefined]]))).fileSystem?.inodes.size).toBe(0);
  });
});
