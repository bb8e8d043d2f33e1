import { spawnSync } from "node:child_process";
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { renderCpio } from "../../src/media/cpio.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "installer-cpio-test-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it("GNU cpio unpacks what renderCpio writes", () => {
  const content = Buffer.from("some content\n".repeat(1000));
  const archive = Buffer.concat([
    ...renderCpio([
      { type: "directory", path: "dev", permissions: 0o750 },
      { type: "character", path: "dev/console", permissions: 0o600, major: 5, minor: 1 },
      { type: "block", path: "dev/big", permissions: 0o660, major: 259, minor: 1_000_000 },
      { type: "file", path: "ünïcode", permissions: 0o4711, content, modifiedSeconds: 1_234_567_890 },
      { type: "file", path: "empty", permissions: 0o644, content: Buffer.alloc(0) },
      { type: "symlink", path: "link", permissions: 0o777, target: "../away" },
    ]),
  ]);
  const unpacked = spawnSync("cpio", ["-idm", "--quiet"], {
    cwd: directory,
    input: archive,
    encoding: "utf8",
  });
  expect(unpacked).toMatchObject({ status: 0, stderr: "" });

  const look = (name: string) => lstatSync(path.join(directory, name));
  expect(look("dev").mode).toBe(0o040750);
  expect(look("dev/console")).toMatchObject({ mode: 0o020600, rdev: (5 << 8) | 1 });
  expect(look("dev/big").isBlockDevice()).toBe(true);
  expect(look("ünïcode")).toMatchObject({ mode: 0o104711, mtimeMs: 1_234_567_890_000, uid: 0, gid: 0 });
  expect(readFileSync(path.join(directory, "ünïcode")).equals(content)).toBe(true);
  expect(look("empty").size).toBe(0);
  expect(readlinkSync(path.join(directory, "link"))).toBe("../away");
});
