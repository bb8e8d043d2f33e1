import { expect, test } from "vitest";
import { renderKexecLoad } from "../../../../src/storage/boot/kexec.ts";

test("the installed kernel is loaded from inside the target, options as one argument", () => {
  expect(
    renderKexecLoad("/mnt", {
      kernel: "/boot/vmlinuz-6.1.0-49-amd64",
      initrd: "/boot/initrd.img-6.1.0-49-amd64",
      options: "root=LABEL=rootfs ro console=tty0 console=ttyS0,115200n8 ",
    }),
  ).toEqual({
    program: "kexec",
    args: [
      "-l",
      "/boot/vmlinuz-6.1.0-49-amd64",
      "--append=root=LABEL=rootfs ro console=tty0 console=ttyS0,115200n8 ",
      "--console-serial",
      "--serial-baud=115200",
      "--initrd=/boot/initrd.img-6.1.0-49-amd64",
    ],
    chroot: "/mnt",
  });
});
