import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeContentSync } from "../../../src/system/node/file-contents.ts";

/** Calls of write(2) that this thread has made so far (proc_pid_io(5)). */
function countWrites(): number {
  const count = /^syscw: (\d+)$/m.exec(readFileSync("/proc/thread-self/io", "utf8"))?.[1];
  if (count === undefined) throw new Error("the kernel does not count system calls");
  return Number(count);
}

it("small content goes in a single write, as efivarfs wants it", () => {
  const directory = mkdtempSync(join(tmpdir(), "single-write-"));
  try {
    const before = countWrites();
    writeContentSync(join(directory, "variable"), Buffer.alloc(16 * 1024, 1), 0o644);
    expect(countWrites() - before).toBe(1);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
