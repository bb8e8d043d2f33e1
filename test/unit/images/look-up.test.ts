import { describe, expect, it } from "vitest";
import { findObstacle, hasProgram, lookUp } from "../../../src/images/look-up.ts";
import { file, symlink, treeOf } from "../../support/image-trees.ts";

const tool = file("tool", { mode: 0o100755 });
const tree = treeOf({
  usr: { sbin: { parted: tool, readme: file("text") }, bin: { absolute: symlink("/usr/sbin/parted") } },
  sbin: symlink("usr/sbin"),
  out: symlink("../../../../usr/./sbin"),
  circle: symlink("circle"),
  deep: { up: symlink("../usr/../usr/sbin/parted") },
});

describe("lookUp", () => {
  it.each([
    "/usr/sbin/parted",
    "/sbin/parted",
    "/usr/bin/absolute",
    "/out/parted",
    "/deep/up",
    "//usr//sbin/./parted",
  ])("finds what %s leads to", (path) => expect(lookUp(tree, path)).toBe(tool));

  it.each(["/nowhere", "/circle", "/circle/x", "/usr/sbin/parted/x", "/usr/sbin/x"])(
    "finds nothing at %s",
    (path) => expect(lookUp(tree, path)).toBeUndefined(),
  );

  it("finds the root", () => expect(lookUp(tree, "/")).toBe(tree.root));
});

it("hasProgram wants an executable regular file", () => {
  expect(hasProgram(tree, "parted", ["/bin", "/sbin"])).toBe(true);
  expect(hasProgram(tree, "readme", ["/sbin"])).toBe(false);
  expect(hasProgram(tree, "sbin", ["/usr"])).toBe(false);
});

it("findObstacle names the first entry that is no directory, links not followed", () => {
  expect(findObstacle(tree, "/usr/sbin/new/place")).toBeUndefined();
  expect(findObstacle(tree, "/sbin/place")).toEqual({ path: "/sbin", kind: "symlink" });
  expect(findObstacle(tree, "/usr/sbin/parted")).toEqual({ path: "/usr/sbin/parted", kind: "regular" });
});
