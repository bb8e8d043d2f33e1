import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMountTable } from "../../../src/system/mount-table.ts";

describe("parseMountTable", () => {
  it("reads the kernel's table in order", () => {
    const text = [
      "/dev/vda / ext4 rw,relatime,discard 0 0",
      "none /run/a\\040b tmpfs rw,size=1024k 0 0",
      "back\\134slash /mnt/tab\\011x\\012y ext4 ro 0 0",
      "",
    ].join("\n");
    expect(parseMountTable(text)).toEqual([
      { source: "/dev/vda", mountPoint: "/", type: "ext4", options: "rw,relatime,discard" },
      { source: "none", mountPoint: "/run/a b", type: "tmpfs", options: "rw,size=1024k" },
      { source: "back\\slash", mountPoint: "/mnt/tab\tx\ny", type: "ext4", options: "ro" },
    ]);
  });

  it.each([
    ["", 0],
    ["\n\n", 0],
    ["only three fields", 0],
    ["a b c d", 1],
    ["a b c d 0 0 more", 1],
  ])("gives whole entries only: %j", (text, count) => {
    expect(parseMountTable(text)).toHaveLength(count);
  });

  it("decodes what the kernel would write for any names", () => {
    const name = fc.string({ minLength: 1, unit: "binary-ascii" }).filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, name)), (mounts) => {
        const lines = mounts.map(
          ([source, point]) => `${escapeField(source)} ${escapeField(point)} ext4 rw 0 0`,
        );
        const parsed = parseMountTable(lines.join("\n"));
        expect(parsed.map(({ source, mountPoint }) => [source, mountPoint])).toEqual(mounts);
      }),
      { seed: 1 },
    );
  });
});

/** As the kernel's mangle() in fs/proc_namespace.c. */
function escapeField(text: string): string {
  return text.replace(
    /[ \t\n\\#]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
}
