import { describe, expect, it } from "vitest";
import type { LogFields, Logger } from "../../../src/core/logger.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import type { Image } from "../../../src/images/model.ts";
import { ImageRepository } from "../../../src/imageserver/image-repository.ts";
import { imageFromWire } from "../../../src/rpc/messages/image-conversion.ts";
import { FakeClock } from "../../support/fake-host.ts";
import { MemoryFileSystem } from "../../support/memory-file-system.ts";

const NOW_SECONDS = 1_700_000_000;

function image(facts: Partial<Image> = {}): Image {
  return {
    buildBranch: "main",
    buildCommitId: "",
    buildGitUrl: "",
    createdBy: "",
    createdFor: "",
    createdOn: { seconds: 1000n, nanoseconds: 5, offsetSeconds: 0 },
    ownerGroups: [],
    ownerUsers: [],
    packages: [],
    sourceImage: "",
    tags: new Map([["k", "v"]]),
    ...facts,
  };
}

function makeRepository(log: Logger = silentLogger): {
  readonly files: MemoryFileSystem;
  readonly clock: FakeClock;
  readonly repository: ImageRepository;
} {
  const files = new MemoryFileSystem();
  const clock = new FakeClock({ nowMs: NOW_SECONDS * 1000 });
  return { files, clock, repository: new ImageRepository({ root: "/images", files, clock, log }) };
}

async function names(repository: ImageRepository): Promise<readonly string[]> {
  return (await repository.list()).images.map(({ name }) => name).sort();
}

describe("ImageRepository", () => {
  it("is empty before anything is published", async () => {
    const { repository } = makeRepository();
    expect(await repository.list()).toEqual({ images: [], directories: new Set(["."]) });
    expect(await repository.find("x")).toBeUndefined();
    expect(await repository.hasDirectory(".")).toBe(true);
  });

  it("keeps images over a restart", async () => {
    const { files, clock, repository } = makeRepository();
    await repository.add("os/debian/13", image());
    await repository.add("top", image());
    const again = new ImageRepository({ root: "/images", files, clock, log: silentLogger });
    expect(await names(again)).toEqual(["os/debian/13", "top"]);
    expect((await again.list()).directories).toEqual(new Set([".", "os", "os/debian"]));
    expect(imageFromWire(await again.read("top"))).toEqual(image());
    expect((await again.find("os/debian/13"))?.facts.Tags).toEqual(new Map([["k", "v"]]));
    expect(await again.hasDirectory("os")).toBe(true);
    expect(await again.hasDirectory("os/")).toBe(false);
    expect(await again.hasDirectory("top")).toBe(false);
    expect(await files.readDirectoryText("/images")).toEqual(["os", "top"]);
  });

  it("syncs before and after the image gets its name", async () => {
    const { files, repository } = makeRepository();
    await repository.add("os/1", image());
    expect(files.synced).toEqual(["/images/os", "/images/os"]);
  });

  it.each(["a", "os"])("refuses the taken name %s", async (name) => {
    const { repository } = makeRepository();
    await repository.add("a", image());
    await repository.add("os/1", image());
    await expect(repository.add(name, image())).rejects.toMatchObject({ code: "E_IMAGE_EXISTS" });
    expect(await names(repository)).toEqual(["a", "os/1"]);
  });

  it("lets one of two win who publish the same name at once", async () => {
    const { files, repository } = makeRepository();
    const results = await Promise.allSettled([repository.add("a", image()), repository.add("a", image())]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(results.find((result) => result.status === "rejected")?.reason).toMatchObject({
      code: "E_IMAGE_EXISTS",
    });
    expect(await files.readDirectoryText("/images")).toEqual(["a"]);
  });

  it.each(["../escape", "/etc/x", "a~", ".x", "a\nb"])("never looks for %j", async (name) => {
    const { files, repository } = makeRepository();
    await expect(repository.add(name, image())).rejects.toMatchObject({ code: "E_IMAGE_NAME" });
    expect(await repository.find(name)).toBeUndefined();
    expect(await repository.hasDirectory(name)).toBe(false);
    expect(await files.exists("/images")).toBe(false);
  });

  it("does not follow links", async () => {
    const { files, repository } = makeRepository();
    await repository.add("a", image());
    await files.makeSymlink("/images/a", "/images/link");
    await files.makeSymlink("/", "/images/root");
    expect(await names(repository)).toEqual(["a"]);
    expect(await repository.find("link")).toBeUndefined();
    expect(await repository.hasDirectory("root")).toBe(false);
  });

  it("leaves out damaged files and says so once", async () => {
    const errors: LogFields[] = [];
    const log = { ...silentLogger, error: (_text: string, fields: LogFields = {}) => errors.push(fields) };
    const { files, repository } = makeRepository(log);
    await repository.add("good", image());
    await files.writeFile("/images/bad", "not an image");
    expect(await names(repository)).toEqual(["good"]);
    expect(await names(repository)).toEqual(["good"]);
    expect(errors).toEqual([{ image: "bad", reason: "reading /images/bad: its checksum is wrong" }]);
  });

  it("notices a file that takes the place of another", async () => {
    const { files, repository } = makeRepository();
    await repository.add("a", image());
    const before = await repository.find("a");
    await files.removeFile("/images/a");
    expect(await repository.find("a")).toBeUndefined();
    await repository.add("a", image({ buildBranch: "other" }));
    const after = await repository.find("a");
    expect(after?.facts.BuildBranch).toBe("other");
    expect(after?.version).not.toBe(before?.version);
  });

  it("removes an image whose time has come", async () => {
    const { files, clock, repository } = makeRepository();
    const expiresAt = { seconds: BigInt(NOW_SECONDS + 60), nanoseconds: 0, offsetSeconds: 0 };
    await repository.add("short", image({ expiresAt }));
    expect(await names(repository)).toEqual(["short"]);
    clock.advance(60_000);
    expect(await names(repository)).toEqual([]);
    expect(await files.exists("/images/short")).toBe(false);
  });

  it("removes what interrupted writers left, and nothing else", async () => {
    const { files, repository } = makeRepository();
    await repository.add("os/1", image());
    await files.writeFile("/images/os/2.1234~", "half");
    await files.writeFile("/images/x~", "half");
    await files.writeFile("/images/.keep", "");
    await repository.removeTemporaries();
    expect(await files.readDirectoryText("/images")).toEqual([".keep", "os"]);
    expect(await files.readDirectoryText("/images/os")).toEqual(["1"]);
  });

  it("never gives the name of a deleted image to another", async () => {
    const { files, clock, repository } = makeRepository();
    await repository.add("os/1", image());
    expect(await repository.delete("os/1")).toBe(true);
    expect(await repository.delete("os/1")).toBe(false);
    expect(await names(repository)).toEqual([]);
    const again = new ImageRepository({ root: "/images", files, clock, log: silentLogger });
    expect(await again.find("os/1")).toBeUndefined();
    await expect(again.add("os/1", image())).rejects.toMatchObject({
      code: "E_IMAGE_EXISTS",
      message: "cannot add previously deleted image: os/1",
    });
    await expect(again.directories.delete("os")).rejects.toMatchObject({
      message: "remove os: directory not empty",
    });
  });

  it("deletes nothing but images", async () => {
    const { repository } = makeRepository();
    await repository.add("os/1", image());
    expect(await repository.delete("os")).toBe(false);
    expect(await repository.delete("nope")).toBe(false);
    expect(await repository.delete("../images/os/1")).toBe(false);
    expect(await names(repository)).toEqual(["os/1"]);
  });

  it("changes when an image expires, and nothing else of it", async () => {
    const { files, clock, repository } = makeRepository();
    const at = (seconds: number) => ({ seconds: BigInt(seconds), nanoseconds: 0, offsetSeconds: 0 });
    await repository.add("a", image({ expiresAt: at(NOW_SECONDS + 60) }));
    const found = await repository.find("a");
    if (found === undefined) throw new Error("it is not there");
    expect(await repository.changeExpiration(found, at(NOW_SECONDS + 120))).toBe(true);
    clock.advance(90_000);
    const longer = await repository.find("a");
    expect(longer?.facts.ExpiresAt).toEqual(at(NOW_SECONDS + 120));
    expect(longer?.version).not.toBe(found.version);
    expect(longer && (await repository.changeExpiration(longer, undefined))).toBe(true);
    clock.advance(90_000);
    expect(imageFromWire(await repository.read("a"))).toEqual(image());
    expect(await files.readDirectoryText("/images")).toEqual(["a"]);
  });

  it("does not bring a deleted image back by changing when it expires", async () => {
    const { repository } = makeRepository();
    await repository.add("a", image());
    const found = await repository.find("a");
    if (found === undefined) throw new Error("it is not there");
    await repository.delete("a");
    expect(await repository.changeExpiration(found, undefined)).toBe(false);
    expect(await names(repository)).toEqual([]);
  });
});
