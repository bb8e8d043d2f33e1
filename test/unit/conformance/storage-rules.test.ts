import { describe, expect, test } from "vitest";
import { type Change, type Recording, verdictOn } from "./storage-recording.ts";

describe("rules decide by what a case has, not by its name", () => {
  const renameDrive: Change = (recording) => {
    const text = JSON.stringify(recording).replaceAll("sda", "nvme0n1");
    Object.assign(recording, JSON.parse(text));
  };

  const cases: readonly (readonly [string, string, Change, string])[] = [
    ["partitions that the original misnames", "default-bios", renameDrive, "R-STO-PARTITION-NAMES"],
    [
      "a drive that is too large for an MBR",
      "unencrypted",
      ({ drives, expected }) => {
        Object.assign(drives[0] ?? {}, { sizeSectors: 3 * 2 ** 31 });
        expected.log = expected.log.map((line) => line.replace("sda 2 GiB (2 GB)", "sda 3072 GiB (3298 GB)"));
      },
      "R-STO-GPT-ON-BIOS",
    ],
    [
      "a failure beside which the original goes on",
      "default-bios-two-drives",
      (recording) => {
        const { expected } = recording;
        recording.failingCommands = [["luksFormat", "/dev/sdb"]];
        const start = expected.drives["/dev/sdb"]?.start ?? [];
        Object.assign(start[1] ?? {}, { fails: true });
        start.length = 2;
        withoutEnd(expected, "error running: cryptsetup: , stdout: made to fail, stderr: exit status 1");
      },
      "R-STO-CANCEL-OTHERS",
    ],
    [
      "a mount that fails",
      "unencrypted",
      (recording) => {
        const { expected } = recording;
        recording.failingMounts = ["/dev/sda2"];
        const finish = expected.drives["/dev/sda"]?.finish ?? [];
        Object.assign(finish[1] ?? {}, { result: "no such device" });
        finish.length = 2;
        withoutEnd(expected, "no such device");
      },
      "R-STO-MOUNT-ERRORS",
    ],
    [
      "a file-system that hides another",
      "unencrypted",
      (recording) => {
        const text = JSON.stringify(recording).replaceAll("/home", "/var/log/x");
        // The columns of fstab keep their width.
        Object.assign(recording, JSON.parse(text.replace(/x {12}(\S+) {6}/, "x       $1 ")));
      },
      "R-STO-MOUNT-ORDER",
    ],
    [
      "a selection of nothing",
      "selector-unknown",
      (recording) => {
        recording.driveSelectorOutput = "# none\n";
        Object.assign(recording.expected, { error: undefined, crash: "index out of range" });
      },
      "R-STO-SELECTION",
    ],
    [
      "a mount point used twice",
      "unencrypted",
      ({ layout }) => void Object.assign(layout.BootDriveLayout[2] ?? {}, { MountPoint: "/home" }),
      "R-STO-MOUNT-POINTS",
    ],
    [
      "a partition without size before others",
      "explicit-extra",
      ({ layout }) => {
        layout.BootDriveLayout.reverse();
        Object.assign(layout.BootDriveLayout[1] ?? {}, { MinimumFreeBytes: 0 });
      },
      "R-STO-OPEN-END",
    ],
    [
      "an encrypted partition without room for its header",
      "default-bios",
      ({ layout }) => void Object.assign(layout.BootDriveLayout[1] ?? {}, { MinimumFreeBytes: 2 ** 20 }),
      "R-STO-SMALL-VOLUMES",
    ],
    [
      "a data drive that is too small",
      "unencrypted",
      ({ drives }) => void Object.assign(drives[1] ?? {}, { sizeSectors: 2048 }),
      "R-STO-SMALL-VOLUMES",
    ],
    [
      "a configured EFI partition",
      "unencrypted-efi",
      ({ layout }) =>
        void layout.BootDriveLayout.push({
          MountPoint: "/mnt/efi",
          FileSystemType: "vfat",
          MinimumBytes: 2 ** 29,
        }),
      "R-STO-ONE-EFI",
    ],
    [
      "a boot area of an eMMC",
      "unencrypted",
      ({ drives }) => {
        const [drive] = drives;
        if (drive === undefined) return;
        const name = "mmcblk0boot0";
        drives.push({ ...drive, name, link: drive.link.replace(/sda$/, name) });
      },
      "R-STO-UNUSABLE-DRIVES",
    ],
  ];

  test.each(cases)("%s", async (_title, name, change, rule) => {
    const { why, rules } = await verdictOn(name, change);
    expect(why).toBeUndefined();
    expect(rules).toContain(rule);
  });

  function withoutEnd(expected: Recording["expected"], error: string): void {
    const ends = [
      "files",
      "key",
      "rebooter",
      "installerLogFiles",
      "unmount",
      "unmount_luksClose_beforeMountPoint",
    ];
    Object.assign(expected, { error }, Object.fromEntries(ends.map((end) => [end, undefined])));
  }
});
