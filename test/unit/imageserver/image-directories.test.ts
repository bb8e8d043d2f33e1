import { describe, expect, it } from "vitest";
import { ImageDirectories } from "../../../src/imageserver/image-directories.ts";
import { ImageFiles } from "../../../src/imageserver/image-files.ts";
import { MemoryFileSystem } from "../../support/memory-file-system.ts";

function make(): { readonly files: MemoryFileSystem; readonly directories: ImageDirectories } {
  const files = new MemoryFileSystem({ files: { "/images/os/image": "x", "/images/empty/": "" } });
  return { files, directories: new ImageDirectories(new ImageFiles("/images", files)) };
}

describe("making directories", () => {
  it.each([
    ["new", "new"],
    ["os/new", "os/new"],
    ["./odd/", "odd"],
    ["os//x", "os/x"],
    ["os/../y", "y"],
  ])("makes %s as %s, safe from a power failure", async (name, path) => {
    const { files, directories } = make();
    await directories.make(name);
    expect((await files.lstat(`/images/${path}`)).type).toBe("directory");
    expect(files.synced).toEqual(["/images"]);
  });

  it.each([
    ["os", "directory: os already exists"],
    ["os/", "directory: os already exists"],
    ["os/image", "directory: os/image already exists"],
    [".", "directory: . already exists"],
    ["p/q", "no metadata for: p"],
    ["os/image/x", "no metadata for: os/image"],
  ])("refuses %s: %s", async (name, message) => {
    const { directories } = make();
    await expect(directories.make(name)).rejects.toMatchObject({ code: "E_IMAGE_REQUEST", message });
  });

  it("makes all that is missing, time and again", async () => {
    const { files, directories } = make();
    for (let round = 0; round < 2; round++) await directories.makeAll("./os/b/c/");
    expect((await files.lstat("/images/os/b/c")).type).toBe("directory");
    await Promise.all([directories.makeAll("x/y"), directories.makeAll("x/y")]);
    expect((await files.lstat("/images/x/y")).type).toBe("directory");
  });

  it("refuses the root, and images in the way, also when all is to be made", async () => {
    const { directories } = make();
    await expect(directories.makeAll(".")).rejects.toMatchObject({ message: "cannot create root directory" });
    await expect(directories.makeAll("os/image/x")).rejects.toMatchObject({
      message: "directory: os/image already exists",
    });
  });

  it.each(["../x", "os/../../x", "/x", "a~", ".hidden", "a\nb", "/", "..", "x".repeat(201)])(
    "never touches the disk for %j",
    async (name) => {
      const { files, directories } = make();
      await expect(directories.make(name)).rejects.toMatchObject({ code: "E_IMAGE_NAME" });
      await expect(directories.makeAll(name)).rejects.toMatchObject({ code: "E_IMAGE_NAME" });
      expect(await files.readDirectoryText("/")).toEqual(["images"]);
      expect(await files.readDirectoryText("/images")).toEqual(["empty", "os"]);
    },
  );
});

describe("deleting directories", () => {
  it("deletes an empty one", async () => {
    const { files, directories } = make();
    await directories.delete("empty");
    expect(await files.readDirectoryText("/images")).toEqual(["os"]);
    expect(files.synced).toEqual(["/images"]);
  });

  it.each([
    ["nope", "directory: nope does not exist"],
    ["os/", "directory: os/ does not exist"],
    ["../images", "directory: ../images does not exist"],
    ["os/image", "directory: os/image does not exist"],
    ["os", "remove os: directory not empty"],
    [".", "cannot delete root directory"],
  ])("refuses %s: %s", async (name, message) => {
    const { files, directories } = make();
    await expect(directories.delete(name)).rejects.toMatchObject({ code: "E_IMAGE_REQUEST", message });
    expect(await files.readDirectoryText("/images")).toEqual(["empty", "os"]);
  });
});
