import { expect, it } from "vitest";

import { renderVersion } from "../../../src/cli/version.ts";

const BUILD = { version: "1.2.3", commit: "abc", branch: "main", builtAt: "2026-11-20T20:47:44Z" };

it("prints what the build knows, values in column 11", () => {
  expect(renderVersion(BUILD, "v26.0.0")).toBe(
    "installer 1.2.3\n  Commit: abc\n  Branch: main\n  Built:  2026-11-20T20:47:44Z\n  Node:   v26.0.0\n",
  );
});

it("leaves the branch out when it is master", () => {
  expect(renderVersion({ ...BUILD, branch: "master" }, "v26.0.0")).not.toContain("Branch");
});

it("says unknown in a program that was not built", () => {
  expect(renderVersion(undefined, "v26.0.0")).toBe(
    "installer unknown\n  Commit: unknown\n  Branch: unknown\n  Built:  unknown\n  Node:   v26.0.0\n",
  );
});
