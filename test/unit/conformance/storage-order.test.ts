import { describe, expect, test } from "vitest";
import type { MachineEvent } from "../../conformance/storage-events.ts";
import { findCloseFault, findEraseFault, findOrderFault } from "../../conformance/storage-order.ts";

const run = (...argv: string[]): MachineEvent => ({ kind: "run", argv });
const zero = (device: string, at: "start" | "end", bytes = 65536): MachineEvent => ({
  kind: "zero",
  device,
  at,
  bytes,
});
const mount = (source: string, on: string): MachineEvent => ({ kind: "mount", source, on, type: "ext4" });

const ERASED = [zero("/dev/sda", "start"), zero("/dev/sda", "end")];
const PARTITIONED = run("parted", "-s", "/dev/sda", "mklabel", "gpt");
const BOOT_LOADER = run("/usr/sbin/grub-install", "/dev/sda");

describe("what is left of an earlier system", () => {
  test.each([
    ["an untouched start", [zero("/dev/sda", "end"), PARTITIONED], /start of \/dev\/sda/],
    ["an untouched end", [zero("/dev/sda", "start"), PARTITIONED], /end of \/dev\/sda/],
    ["too little erased", [zero("/dev/sda", "start", 512), zero("/dev/sda", "end"), PARTITIONED], /start of/],
    ["erased before the discard only", [...ERASED, run("blkdiscard", "/dev/sda"), PARTITIONED], /start of/],
    ["another device erased", [...ERASED, run("mkfs.ext4", "/dev/sda1")], /start of \/dev\/sda1/],
  ])("%s is found", (_title, events, fault) => {
    expect(findEraseFault(events)).toMatch(fault);
  });

  test.each([
    ["an erased drive", [run("blkdiscard", "/dev/sda"), ...ERASED, PARTITIONED]],
    [
      "a drive that refuses the discard",
      [...ERASED, { ...run("blkdiscard", "/dev/sda"), fails: true }, PARTITIONED],
    ],
    ["a fresh mapping", [run("mkfs.ext4", "/dev/mapper/sda2")]],
  ] as [string, MachineEvent[]][])("%s is not blamed", (_title, events) => {
    expect(findEraseFault(events)).toBeUndefined();
  });
});

describe("the boot loader", () => {
  test.each([
    ["a mount", mount("/dev/sda2", "/mnt/home")],
    ["fstab", { kind: "file", path: "/mnt/etc/fstab" } as const],
    ["a file-system", run("mkfs.ext4", "/dev/sdb")],
  ])("is not followed by %s", (_title, event) => {
    expect(findOrderFault([BOOT_LOADER, event])).toMatch(/^after the boot loader/);
    expect(findOrderFault([event, BOOT_LOADER])).toBeUndefined();
  });

  test("may be followed by kexec and the release of the target", () => {
    const release: MachineEvent[] = [run("kexec", "-l", "/boot/vmlinuz"), { kind: "unmount", on: "/mnt" }];
    expect(findOrderFault([BOOT_LOADER, ...release, run("cryptsetup", "close", "sda2")])).toBeUndefined();
  });
});

test("a mapping is not closed before its file-system is unmounted", () => {
  const mounted = mount("/dev/mapper/sda2", "/mnt/home");
  const close = run("cryptsetup", "close", "sda2");
  expect(findCloseFault([mounted, close])).toMatch(/sda2 is closed/);
  expect(findCloseFault([mounted, { kind: "unmount", on: "/mnt/home" }, close])).toBeUndefined();
});
