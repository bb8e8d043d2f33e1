import { describe, expect, it } from "vitest";
import type { ImageFacts } from "../../../src/imageserver/image-file.ts";
import { findLatestImage, selectImages } from "../../../src/imageserver/select-images.ts";
import { isExpired, type StoredImage } from "../../../src/imageserver/stored-image.ts";
import { ZERO_TIME } from "../../../src/rpc/gob/time.ts";

const at = (seconds: number, nanoseconds = 0) => ({
  seconds: BigInt(seconds),
  nanoseconds,
  offsetSeconds: 0,
});

function image(name: string, facts: Partial<ImageFacts> = {}): StoredImage {
  return {
    name,
    version: "1",
    facts: {
      BuildBranch: "",
      BuildCommitId: "",
      CreatedBy: "",
      CreatedFor: "",
      CreatedOn: at(1000),
      ExpiresAt: ZERO_TIME,
      OwnerGroups: [],
      OwnerUsers: [],
      Tags: new Map(),
      ...facts,
    },
  };
}

const IMAGES = [
  image("os/1", { CreatedOn: at(3000), Tags: new Map([["arch", "amd64"]]), BuildCommitId: "abc" }),
  image("os/2", { CreatedOn: at(2000), Tags: new Map([["arch", "arm64"]]), BuildBranch: "main" }),
  image("os/test/3", { CreatedOn: at(9000) }),
  image("os/4", { CreatedOn: at(5000), ExpiresAt: at(1_000_000) }),
  image("os2/5"),
  image("top", { CreatedOn: at(3000, 1) }),
];

const ANY = { IgnoreExpiringImages: false, TagsToMatch: new Map<string, readonly string[]>() };

describe("ListSelectedImages", () => {
  it.each([
    ["", ["os/1", "os/2", "os/test/3", "os/4", "os2/5", "top"]],
    [".", ["os/1", "os/2", "os/test/3", "os/4", "os2/5", "top"]],
    ["os", ["os/1", "os/2", "os/test/3", "os/4"]],
    ["os/", ["os/1", "os/2", "os/4"]],
    ["os/test", ["os/test/3"]],
    ["o", []],
  ])("selects by directory %j", (DirectoryName, names) => {
    expect(selectImages(IMAGES, { ...ANY, DirectoryName }).map(({ name }) => name)).toEqual(names);
  });

  it("leaves out expiring images when asked to", () => {
    const request = { ...ANY, DirectoryName: "os/", IgnoreExpiringImages: true };
    expect(selectImages(IMAGES, request).map(({ name }) => name)).toEqual(["os/1", "os/2"]);
  });

  it.each<[Record<string, string[]>, string[]]>([
    [{ arch: ["amd64", "arm64"] }, ["os/1", "os/2"]],
    [{ arch: ["arm64"] }, ["os/2"]],
    [{ arch: ["amd64"], other: ["x"] }, []],
    [{ arch: [] }, []],
  ])("wants every tag of %j", (tags, names) => {
    const request = { ...ANY, DirectoryName: "", TagsToMatch: new Map(Object.entries(tags)) };
    expect(selectImages(IMAGES, request).map(({ name }) => name)).toEqual(names);
  });
});

describe("FindLatestImage", () => {
  const latest = (DirectoryName: string, BuildCommitId = "", more: Partial<typeof ANY> = {}) =>
    findLatestImage(IMAGES, { ...ANY, ...more, DirectoryName, BuildCommitId })?.name;

  it("goes by the time of creation, in this directory only", () => {
    expect(latest("os")).toBe("os/4");
    expect(latest("os", "", { IgnoreExpiringImages: true })).toBe("os/1");
    expect(latest(".")).toBe("top");
    expect(latest("os/")).toBeUndefined();
    expect(latest("nowhere")).toBeUndefined();
  });

  it("finds a build by commit or branch", () => {
    expect(latest("os", "abc")).toBe("os/1");
    expect(latest("os", "main")).toBe("os/2");
    expect(latest("os", "other")).toBeUndefined();
  });

  it("looks at nanoseconds", () => {
    const twins = [image("a", { CreatedOn: at(5, 2) }), image("b", { CreatedOn: at(5, 1) })];
    expect(findLatestImage(twins, { ...ANY, DirectoryName: ".", BuildCommitId: "" })?.name).toBe("a");
  });
});

it("tells expired images", () => {
  expect(isExpired({ ExpiresAt: ZERO_TIME }, Number.MAX_SAFE_INTEGER)).toBe(false);
  expect(isExpired({ ExpiresAt: at(10) }, 9_999)).toBe(false);
  expect(isExpired({ ExpiresAt: at(10) }, 10_000)).toBe(true);
});
