import { expect, it } from "vitest";
import { estimateUsage } from "../../../src/images/tree.ts";
import { usageByPlace } from "../../../src/images/usage-by-place.ts";
import { file, treeOf } from "../../support/image-trees.ts";

const shared = file(Buffer.alloc(5000));
const tree = treeOf({
  a: file("x"),
  boot: { kernel: file(Buffer.alloc(10_000)), again: shared },
  bootstrap: { y: file("y"), twice: shared, more: shared },
  var: { log: { z: file("z") } },
});

it("counts each path where it is mounted, and an inode once on each file-system", () => {
  const usage = usageByPlace(tree, ["/", "/boot", "/var/log", "/home"]);
  // /boot itself, kernel (3 blocks), again (2 blocks)
  expect(usage.get("/boot")).toEqual({ usageBytes: 6 * 4096, inodeCount: 3 });
  expect(usage.get("/var/log")).toEqual({ usageBytes: 2 * 4096, inodeCount: 2 });
  expect(usage.get("/home")).toEqual({ usageBytes: 0, inodeCount: 0 });
  // The root directory, a, bootstrap, y, shared (2 blocks), var
  expect(usage.get("/")).toEqual({ usageBytes: 7 * 4096, inodeCount: 6 });
});

it("agrees with estimateUsage, which leaves the root directory out, when there is one place", () => {
  expect(usageByPlace(tree, ["/"]).get("/")?.usageBytes).toBe(estimateUsage(tree) + 4096);
});
