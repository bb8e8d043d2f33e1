import { describe, expect, test } from "vitest";
import { renderKernelOptions } from "../../../../src/storage/boot/boot-info.ts";
import {
  chooseConsoles,
  DEFAULT_SERIAL_PORT,
  defaultConsoles,
} from "../../../../src/storage/boot/consoles.ts";
import { renderGrubConfig } from "../../../../src/storage/boot/grub-config.ts";
import { renderKexecLoad } from "../../../../src/storage/boot/kexec.ts";

const entry = { kernel: "/boot/vmlinuz-6", kernelOptions: "ro", initrd: "/boot/initrd.img-6" };

const options = (commandLine: string, architecture: "amd64" | "arm64" = "amd64") =>
  renderKernelOptions("LABEL=rootfs", architecture, "", chooseConsoles(commandLine, architecture).kernel);

const serialLine = (commandLine: string, firmware: "bios" | "efi" = "bios") =>
  renderGrubConfig(entry, {
    firmware,
    tableType: "gpt",
    serial: chooseConsoles(commandLine, "amd64").serial,
  })
    .split("\n")
    .filter((line) => line.startsWith("serial "));

describe.each([
  ["nothing", ""],
  ["no console", "root=/dev/ram0 quiet"],
  ["screens only", "console=tty0 console=tty1"],
  ["what is the default anyway", "console=tty0 console=ttyS0,115200n8"],
  ["the default, shorter and without a screen", "console=ttyS0,115200"],
  ["the default twice", "console=ttyS0,115200 console=tty0 console=ttyS0,115200n8 console=tty0".slice(21)],
  ["text that is no console", "console= console='tty console=a;b console=null consoles=ttyS1"],
  ["the word inside another", "xconsole=ttyS1,57600 netconsole=ttyS1"],
])("a running kernel that was told %s", (_what, commandLine) => {
  test("leaves the installed system with the consoles of the original", () => {
    expect(chooseConsoles(commandLine, "amd64")).toEqual(defaultConsoles("amd64"));
    expect(options(commandLine)).toBe("root=LABEL=rootfs ro console=tty0 console=ttyS0,115200n8 ");
    expect(serialLine(commandLine)).toEqual(["serial --unit=0 --speed=115200"]);
  });
});

test("defect: a machine with its console on ttyS1 at 57600 got one that shows nothing", () => {
  const commandLine = "initrd=x console=tty0 console=ttyS1,57600 hostname=a";
  expect(options(commandLine)).toBe("root=LABEL=rootfs ro console=tty0 console=ttyS1,57600n8 ");
  expect(serialLine(commandLine)).toEqual(["serial --unit=1 --speed=57600"]);
  expect(serialLine(commandLine, "efi")).toEqual(["serial --unit=1 --speed=57600"]);
  const { serial } = chooseConsoles(commandLine, "amd64");
  const boot = { kernel: "/boot/k", initrd: "/boot/i", options: "ro" };
  expect(renderKexecLoad("/mnt", boot, serial).args).toEqual([
    "-l",
    "/boot/k",
    "--append=ro",
    "--console-serial",
    "--serial=0x2f8",
    "--serial-baud=57600",
    "--initrd=/boot/i",
  ]);
});

test.each([
  ["the last serial port is GRUB's", "console=ttyS0,9600 console=ttyS2,38400", "--unit=2 --speed=38400"],
  ["without a speed the kernel's own", "console=ttyS0", "--unit=0 --speed=9600"],
  ["even parity, seven bits", "console=ttyS1,9600e7", "--unit=1 --speed=9600 --word=7 --parity=even"],
  ["odd parity", "console=ttyS1,9600o8", "--unit=1 --speed=9600 --parity=odd"],
  ["flow control", "console=ttyS1,9600n8r", "--unit=1 --speed=9600 --rtscts=on"],
  ["a port that GRUB does not know", "console=ttyS4,57600", "--unit=0 --speed=115200"],
  ["a speed that GRUB does not know", "console=ttyS1,921600", "--unit=0 --speed=115200"],
  ["another kind of port", "console=hvc0", "--unit=0 --speed=115200"],
])("GRUB: %s", (_what, commandLine, expected) => {
  expect(serialLine(commandLine)).toEqual([`serial ${expected}`]);
});

test("the kernel gets every console in its order, the last stays /dev/console", () => {
  expect(chooseConsoles("console=ttyS1,57600n8 console=tty0", "amd64").kernel).toEqual([
    "ttyS1,57600n8",
    "tty0",
  ]);
  expect(chooseConsoles("console=hvc0 console=ttyUSB0,9600", "amd64").kernel).toEqual([
    "tty0",
    "hvc0",
    "ttyUSB0,9600",
  ]);
  expect(chooseConsoles("console=uart8250,io,0x3f8,9600", "amd64").kernel).toEqual([
    "tty0",
    "uart8250,io,0x3f8,9600",
  ]);
});

test("arm64 has another default port", () => {
  expect(options("", "arm64")).toBe("root=LABEL=rootfs ro console=tty0 console=ttyAMA0,115200n8 ");
  expect(options("console=ttyAMA1,9600", "arm64")).toBe(
    "root=LABEL=rootfs ro console=tty0 console=ttyAMA1,9600 ",
  );
  expect(chooseConsoles("console=ttyAMA1,9600", "arm64").serial).toEqual(DEFAULT_SERIAL_PORT);
});

describe("GRUB's modules follow the file-system of /boot", () => {
  const modules = (firmware: "bios" | "efi", bootFileSystem: "ext4" | "xfs" | "btrfs" | "vfat") =>
    renderGrubConfig(entry, { firmware, tableType: "gpt", bootFileSystem })
      .split("\n")
      .filter((line) => line.startsWith("        insmod "))
      .map((line) => line.trim().slice("insmod ".length));

  test.each([
    ["bios", "ext4", ["gzio", "part_gpt", "ext2"]],
    ["bios", "xfs", ["gzio", "part_gpt", "xfs"]],
    ["bios", "btrfs", ["gzio", "part_gpt", "btrfs"]],
    ["efi", "ext4", ["efi_gop", "gzio", "part_gpt", "fat"]],
    ["efi", "vfat", ["efi_gop", "gzio", "part_gpt", "fat"]],
    ["efi", "xfs", ["efi_gop", "gzio", "part_gpt", "fat", "xfs"]],
  ] as const)("%s, %s", (firmware, type, expected) => {
    expect(modules(firmware, type)).toEqual(expected);
  });
});
