import fc from "fast-check";
import { expect, test } from "vitest";
import { PROBE_BYTES, probeFileSystem } from "../../../../src/storage/oldroot/probe-file-system.ts";

/** A device's start with some texts (one byte a character) at their places. */
function head(...marks: readonly (readonly [offset: number, text: string])[]): Buffer {
  const bytes = Buffer.alloc(PROBE_BYTES);
  for (const [offset, text] of marks) bytes.write(text, offset, "latin1");
  return bytes;
}

test.each([
  ["ext4", "rootfs", head([1080, "\x53\xef"], [1144, "rootfs"])],
  ["ext4", "sixteen-bytes-it", head([1080, "\x53\xef"], [1144, "sixteen-bytes-it and more"])],
  ["xfs", "twelve-bytes", head([0, "XFSB"], [108, "twelve-bytes and more"])],
  ["btrfs", "", head([0x10040, "_BHRfS_M"])],
  ["btrfs", "old", head([0x10040, "_BHRfS_M"], [0x1012b, "old"])],
])("recognises %s with the label %j", (type, label, bytes) => {
  expect(probeFileSystem(bytes)).toEqual({ type, label });
});

test.each([
  ["nothing", head()],
  ["vfat", head([82, "FAT32   "], [510, "\x55\xaa"])],
  ["LUKS", head([0, "LUKS\xba\xbe"])],
  ["a device too short for a superblock", Buffer.from("XF")],
])("does not take %s for a root file-system", (_name, bytes) => {
  expect(probeFileSystem(bytes)).toBeUndefined();
});

test("takes any bytes without complaint", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2048 }), (bytes) => void probeFileSystem(Buffer.from(bytes))),
  );
});
