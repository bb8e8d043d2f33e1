import { describe, expect, it } from "vitest";
import type { RepositoryListing } from "../../../src/imageserver/image-repository.ts";
import { EMPTY_LISTING, imageUpdatesBetween } from "../../../src/imageserver/image-updates.ts";
import { ZERO_TIME } from "../../../src/rpc/gob/time.ts";

const FACTS = {
  BuildBranch: "",
  BuildCommitId: "",
  CreatedBy: "",
  CreatedFor: "",
  CreatedOn: ZERO_TIME,
  ExpiresAt: ZERO_TIME,
  OwnerGroups: [],
  OwnerUsers: [],
  Tags: new Map<string, string>(),
};
const EXPIRING = { ...FACTS, ExpiresAt: { seconds: 5n, nanoseconds: 0, offsetSeconds: 0 } };

/** Images as `name@version`; a star marks those that expire. */
function listing(directories: readonly string[], images: readonly string[]): RepositoryListing {
  return {
    directories: new Set(directories),
    images: images.map((image) => {
      const [name = "", version = ""] = image.split("@");
      return { name, version, facts: version.endsWith("*") ? EXPIRING : FACTS };
    }),
  };
}

/** One line an update. */
function describeUpdates(
  before: RepositoryListing,
  after: RepositoryListing,
  ignoreExpiring = false,
): readonly string[] {
  return imageUpdatesBetween(before, after, { ignoreExpiring }).map(
    ({ Name, Directory, Operation }) =>
      `${Operation} ${Name}${Directory === undefined ? "" : `${Directory.Name}/`}`,
  );
}

describe("imageUpdatesBetween", () => {
  const full = listing([".", "os", "os/10", "os/9"], ["os/10/b@1", "os/9/a@1", "top@1*"]);

  it("lists directories first and everything in version order", () => {
    const expected = ["2 ./", "2 os/", "2 os/9/", "2 os/10/", "0 os/9/a", "0 os/10/b", "0 top"];
    expect(describeUpdates(EMPTY_LISTING, full)).toEqual(expected);
  });

  it("says nothing when nothing has changed", () => {
    expect(
      describeUpdates(full, listing([...full.directories], ["os/10/b@1", "os/9/a@1", "top@1*"])),
    ).toEqual([]);
  });

  it("says what went, the deepest directory first", () => {
    expect(describeUpdates(full, listing(["."], []))).toEqual([
      "1 os/9/a",
      "1 os/10/b",
      "1 top",
      "3 os/10",
      "3 os/9",
      "3 os",
    ]);
  });

  it("reports an image whose file was replaced as added again", () => {
    expect(describeUpdates(listing(["."], ["a@1*"]), listing(["."], ["a@2*"]))).toEqual(["0 a"]);
  });

  it("does not report images that expire to those who do not want them, but that they went", () => {
    expect(describeUpdates(EMPTY_LISTING, listing(["."], ["a@1*", "b@1"]), true)).toEqual(["2 ./", "0 b"]);
    expect(describeUpdates(listing(["."], ["a@1*"]), listing(["."], []), true)).toEqual(["1 a"]);
  });
});
