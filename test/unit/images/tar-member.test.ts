import { expect, test } from "vitest";
import type { ByteString } from "../../../src/core/byte-string.ts";
import { type MemberHeader, normalizeMemberPath, parseMember } from "../../../src/images/tar-member.ts";

function header(properties: Partial<MemberHeader> = {}): MemberHeader {
  return {
    name: "etc/passwd",
    type: "file",
    mode: 0o644,
    uid: 1,
    gid: 2,
    size: 3,
    mtime: new Date(5000),
    ...properties,
  };
}

test("a plain header", () => {
  expect(parseMember(header({ mode: 0o104755 }))).toEqual({
    path: "/etc/passwd",
    type: "file",
    permissions: 0o4755,
    uid: 1,
    gid: 2,
    sizeBytes: 3,
    time: { seconds: 5n, nanoseconds: 0 },
    linkTarget: "",
    deviceMajor: 0,
    deviceMinor: 0,
  });
});

test("pax records win over the header; their names are text, those of the header bytes", () => {
  const pax = { path: "größe", linkpath: "ziel ü", uid: "70000", gid: "80000", mtime: "1700000000.25" };
  const member = parseMember(header({ type: "symlink", name: "cut", linkname: "cut", pax }));
  expect(member).toMatchObject({
    path: Buffer.from("/größe").toString("latin1"),
    linkTarget: Buffer.from("ziel ü").toString("latin1"),
    uid: 70000,
    gid: 80000,
    time: { seconds: 1_700_000_000n, nanoseconds: 250_000_000 },
  });
  expect(parseMember(header({ name: "\xff" })).path).toBe("/\xff");
});

test.each([
  ["-1", { seconds: -1n, nanoseconds: 0 }],
  ["-1.25", { seconds: -2n, nanoseconds: 750_000_000 }],
  ["0.1234567891", { seconds: 0n, nanoseconds: 123_456_789 }],
])("pax time %s", (mtime, time) => {
  expect(parseMember(header({ pax: { mtime } })).time).toEqual(time);
});

test("a time before 1970 in the header is the library's value less one second", () => {
  expect(parseMember(header({ mtime: new Date(-86_399_000) })).time).toEqual({
    seconds: -86_400n,
    nanoseconds: 0,
  });
});

test.each<[Partial<MemberHeader>, string]>([
  [{ name: "../x" }, 'member "../x": a name with ..'],
  [{ name: "a/../../x" }, 'member "a/../../x": a name with ..'],
  [{ type: null }, 'member "etc/passwd": a kind of member that an image cannot hold'],
  [{ size: null }, 'member "etc/passwd": impossible size null'],
  [{ uid: -1 }, 'member "etc/passwd": impossible owner -1'],
  [{ gid: Number.NaN }, 'member "etc/passwd": impossible group NaN'],
  [{ pax: { uid: "1e999" } }, 'member "etc/passwd": impossible owner 1e999'],
  [{ mtime: new Date(Number.NaN) }, 'member "etc/passwd": unreadable time'],
  [{ pax: { mtime: "tomorrow" } }, 'member "etc/passwd": unreadable time tomorrow'],
  [{ pax: { path: "\ufffd" } }, 'member "\ufffd": a pax name that is not UTF-8'],
])("refused: %j", (properties, message) => {
  expect(() => parseMember(header(properties))).toThrow(
    expect.objectContaining({ code: "E_IMAGE_SCAN", message }),
  );
});

test.each([
  ["./", "/"],
  ["/", "/"],
  ["./a//b/./c/", "/a/b/c"],
  ["/a", "/a"],
  ["..a/b..", "/..a/b.."],
])("%s is %s", (name, path) => {
  expect(normalizeMemberPath(name as ByteString)).toBe(path);
});
