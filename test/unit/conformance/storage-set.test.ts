import { describe, expect, test } from "vitest";
import { Report } from "../../conformance/report.ts";
import { storageSet } from "../../conformance/storage.ts";
import { type Change, inCommands, inFile, partition, VECTORS, verdictOn } from "./storage-recording.ts";

test("the recorded installations of the original do the same, apart from the documented differences", async () => {
  const failures: string[] = [];
  const report = new Report((line) => failures.push(line));
  await storageSet.run(VECTORS, report);
  expect(failures).toEqual([]);
  expect(report.passed).toBe(47);
  expect(Object.fromEntries(report.rules)).toMatchObject({ "R-STO-FITS": 27, "R-STO-EFI-NOT-ENCRYPTED": 1 });
}, 120_000);

describe("a wrong recording is told from a right one", () => {
  const changes: readonly (readonly [string, Change, RegExp])[] = [
    [
      "a boundary of a partition",
      inCommands("3076MiB", "3077MiB"),
      /partition 2 from 2052 MiB to 307[67] MiB/,
    ],
    ["the type of the table", inCommands("msdos", "gpt"), /partition table|MiB/],
    [
      "the active partition",
      ({ expected }) => void expected.drives["/dev/sda"]?.start[1]?.run?.splice(-3, 1, "2"),
      /set 1 boot on/,
    ],
    ["a label", inCommands("rootfs", "rootsf"), /label rootfs/],
    ["an inode ratio", inCommands("65536", "65537"), /bytes per inode 65536/],
    ["an option of mkfs", inCommands("lazy_itable_init=0", "lazy_itable_init=1"), /lazy_itable_init=0/],
    ["a cipher", inCommands("aes-xts-plain64", "aes-cbc-essiv"), /cipher aes-xts-plain64/],
    ["the length of the key", inCommands("512", "256"), /key-size 512/],
    ["discards through the mapping", inCommands("--allow-discards", "--readonly"), /--allow-discards/],
    [
      "the name of a mapping",
      ({ expected }) =>
        void expected.drives["/dev/sda"]?.partitions["/dev/sda2"]?.[1]?.run?.splice(-1, 1, "home"),
      /mapping sda2/,
    ],
    [
      "the root of the programs",
      (recording) =>
        partition(recording, "/dev/sda1").forEach((event) => Object.assign(event, { chroot: "/other" })),
      /root \/tmproot/,
    ],
    [
      "the order on a volume",
      (recording) => void partition(recording, "/dev/sda2").reverse(),
      /step 1 encrypt/,
    ],
    [
      "a volume without file-system",
      (recording) => void partition(recording, "/dev/sda2").pop(),
      /step 3 make/,
    ],
    [
      "a mount",
      ({ expected }) => void expected.drives["/dev/sda"]?.finish.splice(1, 1),
      /mounted \/dev\/mapper\/sda2/,
    ],
    [
      "the place of a mount",
      ({ expected }) => Object.assign(expected.drives["/dev/sda"]?.finish[1] ?? {}, { on: "/mnt/hone" }),
      /mnt\/home/,
    ],
    [
      "the order of unmounts",
      ({ expected }) => void expected.unmount.reverse(),
      /unmounted \/mnt before \/mnt\/home/,
    ],
    [
      "a mapping that stays open",
      ({ expected }) => void expected.unmount_luksClose_beforeMountPoint.pop(),
      /closed sda4/,
    ],
    [
      "the boot loader's drive",
      ({ expected }) => void expected.drives["/dev/sda"]?.finish.at(-1)?.run?.splice(2, 1, "/dev/sdb"),
      /boot loader/,
    ],
    ["a blank in fstab", inFile("etc/fstab", "discard    0 1", "discard   0 1"), /etc\/fstab/],
    ["an option in crypttab", inFile("etc/crypttab", "discard", ""), /etc\/crypttab/],
    ["a statement of grub.cfg", inFile("boot/grub/grub.cfg", "timeout=0", "timeout=9"), /grub\.cfg/],
    ["the name of the image", inFile("var/lib/initial-image", "vec", "wec"), /initial-image/],
    ["what is erased", (recording) => void partition(recording, "/dev/sda2").splice(2, 1), /does not erase/],
    ["the place of the key", ({ expected }) => Object.assign(expected.key, { path: "etc/key" }), /disk key/],
    ["the size of the key", ({ expected }) => Object.assign(expected.key, { size: 32 }), /disk key/],
    [
      "how to restart",
      ({ expected }) => Object.assign(expected, { rebooter: "kexec" }),
      /restarts with default/,
    ],
    [
      "the configuration that is kept",
      ({ expected }) => void expected.installerLogFiles.pop(),
      /var\/log\/installer/,
    ],
    [
      "the order of the drives",
      ({ expected }) => void expected.driveOrder.push("sdz"),
      /expected the drives sda sdz/,
    ],
    [
      "a line of the log",
      ({ expected }) => void expected.log.push("found: sdz 1 GiB (1 GB) at x"),
      /does not log/,
    ],
    ["an error", ({ expected }) => Object.assign(expected, { error: "out of luck" }), /out of luck/],
    ["a crash", ({ expected }) => Object.assign(expected, { crash: "panic" }), /no rule/],
    ["an unknown event", ({ expected }) => void expected.unmount.push({}), /unknown kind/],
    ["no expectation at all", (recording) => Object.assign(recording, { expected: undefined }), /no vector/],
  ];

  test.each(changes)("%s", async (_title, change, why) => {
    expect((await verdictOn("default-bios", change)).why).toMatch(why);
  });

  test("the type of a partition", async () => {
    const { why } = await verdictOn("vfat-partition", inCommands("fat32", "ext4"));
    expect(why).toMatch(/partition 2 from 1028 MiB to 2052 MiB as fat32/);
  });

  test("the selected drives", async () => {
    const { why } = await verdictOn("selector-reverse", ({ expected }) => void expected.selected.push("sdb"));
    expect(why).toMatch(/selected sdc sda/);
  });
});
