import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type CpioEntry, renderCpio } from "../../../src/media/cpio.ts";

interface Record {
  readonly name: string;
  readonly mode: number;
  readonly modifiedSeconds: number;
  readonly device: readonly [number, number];
  readonly content: string;
}

/** A reader written from the format's description alone. */
function readArchive(archive: Buffer): readonly Record[] {
  const records: Record[] = [];
  for (let offset = 0; offset < archive.byteLength; ) {
    expect(archive.toString("latin1", offset, offset + 6)).toBe("070701");
    const field = (index: number) =>
      Number.parseInt(archive.toString("latin1", offset + 6 + index * 8, offset + 14 + index * 8), 16);
    const nameEnd = offset + 110 + field(11);
    const start = (nameEnd + 3) & ~3;
    const end = start + field(6);
    records.push({
      name: archive.toString("utf8", offset + 110, nameEnd - 1),
      mode: field(1),
      modifiedSeconds: field(5),
      device: [field(9), field(10)],
      content: archive.toString("latin1", start, end),
    });
    offset = (end + 3) & ~3;
  }
  return records;
}

function render(...entries: readonly CpioEntry[]): Buffer {
  return Buffer.concat([...renderCpio(entries)]);
}

describe("renderCpio", () => {
  it("writes every kind of entry, and the trailer last", () => {
    const archive = render(
      { type: "directory", path: "dev", permissions: 0o755 },
      { type: "character", path: "dev/console", permissions: 0o600, major: 5, minor: 1 },
      { type: "block", path: "dev/vda", permissions: 0o660, major: 254, minor: 16 },
      {
        type: "file",
        path: "hello",
        permissions: 0o4755,
        content: Buffer.from("hello"),
        modifiedSeconds: 77,
      },
      { type: "symlink", path: "link", permissions: 0o777, target: "/hello" },
    );
    const none = { modifiedSeconds: 0, device: [0, 0], content: "" };
    expect(readArchive(archive)).toEqual([
      { ...none, name: "dev", mode: 0o040755 },
      { ...none, name: "dev/console", mode: 0o020600, device: [5, 1] },
      { ...none, name: "dev/vda", mode: 0o060660, device: [254, 16] },
      { ...none, name: "hello", mode: 0o104755, modifiedSeconds: 77, content: "hello" },
      { ...none, name: "link", mode: 0o120777, content: "/hello" },
      { ...none, name: "TRAILER!!!", mode: 0 },
    ]);
  });

  it("writes the documented bytes for an empty archive", () => {
    const zero = "00000000";
    expect(render().toString("latin1")).toBe(
      `070701${zero.repeat(4)}00000001${zero.repeat(6)}0000000b${zero}TRAILER!!!\0\0\0\0`,
    );
  });

  it("gives each entry an inode of its own, lest the kernel take files for hard links", () => {
    const archive = render(
      { type: "file", path: "a", permissions: 0o644, content: Buffer.from("A") },
      { type: "file", path: "b", permissions: 0o644, content: Buffer.from("B") },
    ).toString("latin1");
    expect(archive.slice(6, 14)).not.toBe(archive.slice(116 + 6, 116 + 14));
  });

  const file = (path: string): CpioEntry => ({
    type: "file",
    path,
    permissions: 0o644,
    content: Buffer.alloc(0),
  });
  it.each<[string, readonly CpioEntry[], string]>([
    ["an absolute path", [file("/etc")], "plain relative"],
    ["an empty path", [file("")], "plain relative"],
    ["a dot", [file("./a")], "plain relative"],
    ["a way out", [file("../a")], "plain relative"],
    ["a NUL", [file("a\0b")], "plain relative"],
    ["a name that the kernel cannot hold", [file("é".repeat(2048))], "too long"],
    ["the name of the trailer", [file("TRAILER!!!")], "ends an archive"],
    ["a name that comes twice", [file("a"), file("a")], "already contains"],
    ["a missing parent", [file("a/b")], "does not come before"],
    ["a parent that is a file", [file("a"), file("a/b")], "does not come before"],
    ["file type bits among the permissions", [{ ...file("a"), permissions: 0o100644 }], "permissions"],
    ["a time before 1970", [{ ...file("a"), modifiedSeconds: -1 }], "modification time"],
    ["a time with a fraction", [{ ...file("a"), modifiedSeconds: 0.5 }], "modification time"],
    ["an empty target", [{ type: "symlink", path: "a", permissions: 0o777, target: "" }], "target"],
    ["a huge major", [{ type: "block", path: "a", permissions: 0o600, major: 4096, minor: 0 }], "major"],
    ["a huge minor", [{ type: "block", path: "a", permissions: 0o600, major: 1, minor: 1 << 20 }], "minor"],
  ])("refuses %s", (_, entries, reason) => {
    expect(() => render(...entries)).toThrow(
      expect.objectContaining({ code: "E_ARCHIVE_ENTRY", message: expect.stringContaining(reason) }),
    );
  });

  it("round-trips any content, name and mode", () => {
    const name = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
      .filter((text) => /^[^/\0.][^/\0]*$/.test(text));
    const entry = fc.record({ name, content: fc.uint8Array({ maxLength: 64 }), permissions: fc.nat(0o7777) });
    fc.assert(
      fc.property(fc.uniqueArray(entry, { selector: (one) => one.name, maxLength: 8 }), (entries) => {
        const archive = render(
          ...entries.map((one): CpioEntry => ({ ...one, type: "file", path: one.name })),
        );
        expect(readArchive(archive).slice(0, -1)).toEqual(
          entries.map((one) =>
            expect.objectContaining({
              name: Buffer.from(one.name).toString("utf8"),
              mode: 0o100000 | one.permissions,
              content: Buffer.from(one.content).toString("latin1"),
            }),
          ),
        );
      }),
      { seed: 20261121, numRuns: 200 },
    );
  });
});
