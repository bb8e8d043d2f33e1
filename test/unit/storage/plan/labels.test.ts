import fc from "fast-check";
import { expect, test } from "vitest";
import { checkLabel, planLabel, planSwapLabel } from "../../../../src/storage/plan/labels.ts";

test.each([
  ["/", "ext4", "rootfs"],
  ["/boot", "ext4", "bootfs"],
  ["/boot", "vfat", "bootfs"],
  ["/mnt/efi", "vfat", "EFI"],
  ["/var/log", "ext4", "/var/log"],
  ["/var/lib/containers", "ext4", "/var/lib/contain"],
  ["/with blank", "ext4", "/with_blank"],
  ["/ööööööööö", "ext4", "/ööööööö"],
  ["/shared", "vfat", "SHARED"],
  ["/var/lib/firmware", "vfat", "VAR_LIB_FIR"],
  ["/ö", "vfat", "VFAT"],
  ["/boot/efi", "vfat", "EFI"],
  ["/", "xfs", "rootfs"],
  ["/var/log/journal", "xfs", "/var/log/jou"],
  ["/öööööö", "xfs", "/ööööö"],
  ["/var/lib/containers", "btrfs", "/var/lib/contain"],
] as const)("%s on %s is labelled %s", (mountPoint, type, label) => {
  expect(planLabel(mountPoint, type)).toBe(label);
});

test("swap areas are counted", () => {
  expect([0, 1, 2].map(planSwapLabel)).toEqual(["swap", "swap1", "swap2"]);
});

test("every planned label is one that mkfs takes as it is", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", minLength: 1 }),
      fc.constantFrom("ext4", "vfat", "xfs", "btrfs"),
      (name, type) => {
        const mountPoint = `/${name}`;
        expect(() => checkLabel(planLabel(mountPoint, type), type, mountPoint)).not.toThrow();
      },
    ),
    { seed: 1 },
  );
});

test.each([
  ["averyveryverylonglabelname", "ext4", "has 26 bytes, ext4 takes at most 16"],
  ["TWELVELETTER", "vfat", "has 12 bytes, vfat takes at most 11"],
  ["a b", "ext4", "has characters that a label of ext4 must not have"],
  ["a'b", "ext4", "has characters that a label of ext4 must not have"],
  ["a;b", "ext4", "has characters that a label of ext4 must not have"],
  ["thirteenbytes", "xfs", "has 13 bytes, xfs takes at most 12"],
  ["sixteenbyteslong", "swap", "has 16 bytes, swap takes at most 15"],
  ["a b", "btrfs", "has characters that a label of btrfs must not have"],
  ["/shared", "vfat", "has characters that a label of vfat must not have"],
] as const)("label %j of %s is refused", (label, type, why) => {
  expect(() => checkLabel(label, type, "/x")).toThrow(
    expect.objectContaining({
      code: "E_LAYOUT_LABEL",
      message: `storage layout: label ${JSON.stringify(label)} of /x ${why}`,
    }),
  );
});
