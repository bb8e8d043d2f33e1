import { expect, test } from "vitest";
import { checkBootable, chooseBootFiles } from "../../../../src/storage/boot/boot-info.ts";

const choose = (...names: readonly string[]) => chooseBootFiles({ type: "directory", names });

test.each([
  [["initrd.img-1"], "no kernel image (vmlinuz-*) in /boot"],
  [["vmlinuz-1"], "no initrd image (initrd.img-* or initramfs-*) in /boot"],
])("an image with only %j cannot boot, which is said before any drive is touched", (names, message) => {
  expect(() => checkBootable(choose(...names))).toThrow(
    expect.objectContaining({ code: "E_BOOT_FILES", message }),
  );
});

test("an image with both can boot", () => {
  expect(() => checkBootable(choose("vmlinuz-6.1.0-49-amd64", "initramfs-6.1~rc1+x.img"))).not.toThrow();
});

test.each(["vmlinuz-'; reboot #", "vmlinuz-a b", "vmlinuz-\n}", "vmlinuz-$x", "vmlinuz-/../x"])(
  "a kernel called %j does not get into the boot loader's script",
  (name) => {
    expect(() => choose(name)).toThrow(expect.objectContaining({ code: "E_BOOT_FILES" }));
  },
);
