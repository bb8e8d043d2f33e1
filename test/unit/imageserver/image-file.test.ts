import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { formatImageFile, parseImageFacts, parseImageFile } from "../../../src/imageserver/image-file.ts";
import { decodeGob } from "../../../src/rpc/gob/decoder.ts";
import type { WireImage } from "../../../src/rpc/messages/image.ts";
import { getImageResponse } from "../../../src/rpc/messages/image-server.ts";

function recordedImage(): WireImage {
  const path = join(import.meta.dirname, "../../vectors/gob/msg-getimage-response-full.gob");
  const wire = decodeGob(getImageResponse, readFileSync(path)).Image;
  if (wire === undefined) throw new Error("the vector has no image");
  return wire;
}

describe("image files", () => {
  it("give back the image", () => {
    const image = recordedImage();
    expect(parseImageFile(formatImageFile(image), "/x")).toEqual(image);
  });

  it("give the facts without the tree", () => {
    const image = recordedImage();
    expect(parseImageFacts(formatImageFile(image), "/x")).toEqual({
      BuildBranch: image.BuildBranch,
      BuildCommitId: image.BuildCommitId,
      CreatedBy: image.CreatedBy,
      CreatedFor: image.CreatedFor,
      CreatedOn: image.CreatedOn,
      ExpiresAt: image.ExpiresAt,
      OwnerGroups: image.OwnerGroups,
      OwnerUsers: image.OwnerUsers,
      Tags: image.Tags,
    });
  });

  it.each([
    ["cut", (file: Buffer) => file.subarray(0, file.length - 1)],
    ["empty", () => Buffer.alloc(0)],
    ["shorter than a checksum", () => Buffer.alloc(63)],
    [
      "changed by a bit",
      (file: Buffer) => {
        file[100] = (file[100] ?? 0) ^ 1;
        return file;
      },
    ],
  ])("are refused when %s", (_what, damage) => {
    const file = damage(formatImageFile(recordedImage()));
    for (const parse of [parseImageFile, parseImageFacts])
      expect(() => parse(file, "/images/x")).toThrow(expect.objectContaining({ code: "E_IMAGE_FILE" }));
  });
});
