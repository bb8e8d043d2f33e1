import { describe, expect, it } from "vitest";
import { byteStringOf } from "../../../src/core/byte-string.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import { walkTree } from "../../../src/images/tree.ts";
import { ImageRepository } from "../../../src/imageserver/image-repository.ts";
import { type PublishImageRequest, publishImage } from "../../../src/imageserver/publish-image.ts";
import { imageFromWire } from "../../../src/rpc/messages/image-conversion.ts";
import { FakeClock, FakeHashing } from "../../support/fake-host.ts";
import { MemoryFileSystem } from "../../support/memory-file-system.ts";

async function makeRequest(more: Partial<PublishImageRequest> = {}): Promise<{
  readonly files: MemoryFileSystem;
  readonly request: PublishImageRequest;
  readonly repository: ImageRepository;
}> {
  const files = new MemoryFileSystem({
    files: {
      "/tree/etc/passwd": "root",
      "/tree/etc/empty": "",
      "/tree/tmp/scratch": "x",
      "/tree/copy": "root",
    },
  });
  await files.makeLink("/tree/copy", "/tree/hard-link");
  await files.makeSymlink("copy", "/tree/link");
  const clock = new FakeClock({ nowMs: 1_700_000_000_123 });
  const request: PublishImageRequest = {
    name: "os/1",
    source: "/tree",
    imageDirectory: "/images",
    objectDirectory: "/objects",
    host: { files, hashing: new FakeHashing(files), clock },
    signal: new AbortController().signal,
    log: silentLogger,
    ...more,
  };
  return {
    files,
    request,
    repository: new ImageRepository({ root: "/images", files, clock, log: silentLogger }),
  };
}

describe("publishImage", () => {
  it("stores the objects and the image, and counts", async () => {
    const { files, request, repository } = await makeRequest({
      tags: new Map([["k", "v"]]),
      createdBy: "me",
    });
    expect(await publishImage(request)).toEqual({
      name: "os/1",
      inodes: 7,
      directories: 3,
      regularFiles: 4,
      dataBytes: 9,
      objects: 2,
    });
    const image = imageFromWire(await repository.read("os/1"));
    expect(image).toMatchObject({
      createdBy: "me",
      createdOn: { seconds: 1_700_000_000n, nanoseconds: 123_000_000, offsetSeconds: 0 },
      tags: new Map([["k", "v"]]),
    });
    expect(image).not.toHaveProperty("filter");
    expect(files.synced).toEqual(["/objects", "/images/os", "/images/os"]);
  });

  it("leaves out what the filter names, and keeps the filter", async () => {
    const { request, repository } = await makeRequest({ filterLines: ["/tmp/.*"] });
    await publishImage(request);
    const image = imageFromWire(await repository.read("os/1"));
    expect(image.filter).toEqual(["/tmp/.*"]);
    const paths = image.fileSystem && [...walkTree(image.fileSystem)].map(({ path }) => path);
    expect(paths).toContain(byteStringOf("/tmp"));
    expect(paths).not.toContain(byteStringOf("/tmp/scratch"));
  });

  it.each([
    ["a name that is taken", { name: "os/1" }, "E_IMAGE_EXISTS"],
    ["a name that is none", { name: "../os" }, "E_IMAGE_NAME"],
    ["a source that is not there", { name: "os/2", source: "/nowhere" }, "E_IMAGE_SCAN"],
    ["a filter that is none", { name: "os/2", filterLines: ["("] }, "E_FILTER_INVALID"],
  ])("refuses %s before anything is stored", async (_what, more, code) => {
    const { files, request } = await makeRequest();
    await publishImage(request);
    const before = await files.readDirectoryText("/images/os");
    await expect(publishImage({ ...request, ...more, objectDirectory: "/other" })).rejects.toMatchObject({
      code,
    });
    expect(await files.readDirectoryText("/images/os")).toEqual(before);
    expect(await files.exists("/other")).toBe(false);
  });
});
