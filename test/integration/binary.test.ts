import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../..");
const BINARY = path.join(ROOT, "dist/installer");

function run(program: string, ...args: readonly string[]) {
  return spawnSync(program, args, { encoding: "utf8", timeout: 60_000 });
}

beforeAll(() => {
  const build = run(path.join(ROOT, "scripts/build"));
  expect(build.status, build.stderr).toBe(0);
});

describe("dist/installer", () => {
  it("tells its version, commit and time of build", () => {
    const { status, stderr } = run(BINARY, "-version");
    expect(status).toBe(0);
    expect(stderr).toMatch(/^installer \d+\.\d+\.\d+\n {2}Commit: [0-9a-f]{40}(-dirty)?\n/);
    expect(stderr).toMatch(/^ {2}Built: {2}\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/m);
  });

  it("starts within 100 ms", () => {
    const times = Array.from({ length: 9 }, () => {
      const start = performance.now();
      expect(run(BINARY, "--help").status).toBe(0);
      return performance.now() - start;
    });
    // The best of nine: the machine may have other things to do.
    expect(Math.min(...times)).toBeLessThan(100);
  });

  it("is not impressed by NODE_OPTIONS", () => {
    const { status } = spawnSync(BINARY, ["-version"], { env: { NODE_OPTIONS: "--no-such-option" } });
    expect(status).toBe(0);
  });
});

describe("dist/installer in a root with nothing but busybox and its own libraries", () => {
  let root = "";

  beforeAll(() => {
    root = mkdtempSync(path.join(tmpdir(), "installer-binary-test-"));
    const libraries = [...run("ldd", BINARY).stdout.matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? "");
    expect(libraries.length).toBeGreaterThan(5);
    for (const file of ["/bin/busybox", ...libraries]) {
      mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
      copyFileSync(file, path.join(root, file));
    }
    copyFileSync(BINARY, path.join(root, "bin/installer"));
    mkdirSync(path.join(root, "dev"));
    run("mknod", "-m", "666", path.join(root, "dev/null"), "c", "1", "3");
    run("mknod", "-m", "666", path.join(root, "dev/urandom"), "c", "1", "9");
    mkdirSync(path.join(root, "tmp"));
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it.each<[string, readonly string[], string]>([
    ["-version", ["-version"], ""],
    ["decode-base64", ["decode-base64"], "hello"],
  ])("runs %s", (_, args, output) => {
    const result = spawnSync("chroot", [root, "/bin/installer", ...args], {
      input: "aGVsbG8=",
      encoding: "utf8",
      timeout: 60_000,
    });
    expect(result).toMatchObject({ status: 0, stdout: output });
  });
});
