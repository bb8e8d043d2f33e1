import { expect, test } from "vitest";
import { findLayoutProblems } from "../../../../src/cli/validate/layout-problems.ts";
import { parseStorageLayout } from "../../../../src/config/storage-layout.ts";

type Json = Readonly<Record<string, unknown>>;

function problems(partitions: readonly Json[], layout: Json = {}): readonly string[] {
  const text = JSON.stringify({ BootDriveLayout: partitions, ...layout });
  return findLayoutProblems(parseStorageLayout("l", text).value).map(
    ({ path, severity, message }) => `${severity} ${path.join(".")}: ${message}`,
  );
}

const ROOT = { MountPoint: "/" };

test.each([
  [[ROOT]],
  [[ROOT, { MountPoint: "/boot/efi", FileSystemType: "vfat" }]],
  [[ROOT, { FileSystemType: "swap" }, { FileSystemType: "swap" }]],
  [[ROOT, { MountPoint: "/srv", FileSystemType: "xfs", FileSystemLabel: "srv" }]],
])("no problems: %j", (partitions) => expect(problems(partitions)).toEqual([]));

test.each([
  [[], "error BootDriveLayout: no root partition specified in layout"],
  [
    [ROOT, { MountPoint: "/a/../b" }],
    'error BootDriveLayout.1.MountPoint: mount point "/a/../b" has `.` or `..` in it',
  ],
  [
    [ROOT, { MountPoint: "/proc/x" }],
    'error BootDriveLayout.1.MountPoint: mount point "/proc/x" is reserved (/proc)',
  ],
  [
    [ROOT, { MountPoint: "/x", FileSystemType: "swap" }],
    'error BootDriveLayout.1.MountPoint: mount point "/x" is that of swap, which takes "none"',
  ],
  [
    [{ ...ROOT, FileSystemType: "vfat" }],
    "error BootDriveLayout.0.FileSystemType: FileSystemType=vfat: a root",
  ],
  [
    [{ ...ROOT, BytesPerInode: 7 }],
    "error BootDriveLayout.0.BytesPerInode: BytesPerInode=7: expected 1024 to",
  ],
  [
    [ROOT, { MountPoint: "/a" }, { MountPoint: "/a/" }],
    "error BootDriveLayout.2.MountPoint: mount point /a/ is used twice",
  ],
  [
    [
      { ...ROOT, FileSystemLabel: "x" },
      { MountPoint: "/a", FileSystemLabel: "x" },
    ],
    'error BootDriveLayout.1.FileSystemLabel: label "x" is used twice',
  ],
  [
    [ROOT, { MountPoint: "/mnt/efi" }, { MountPoint: "/boot/efi" }],
    "error BootDriveLayout: /mnt/efi and /boot/efi are both EFI partitions; there can be one",
  ],
  [
    [ROOT, { MountPoint: "/data/0", MinimumBytes: 1024 }],
    "error BootDriveLayout.1.MinimumBytes: last partition: /data/0 has",
  ],
])("%j", (partitions, expected) => {
  const [found, ...others] = problems(partitions);
  expect(found).toContain(expected);
  expect(others).toEqual([]);
});

test("what only machines with EFI would refuse is a warning", () => {
  const boot = { MountPoint: "/boot/efi", FileSystemType: "xfs" };
  expect(problems([ROOT, boot])).toEqual([
    "warning BootDriveLayout: not for machines that start by EFI: FileSystemType=xfs: an EFI partition must be vfat",
  ]);
});

test("a prefix of data mount points that is no path", () => {
  expect(problems([ROOT], { ExtraMountPointsBasename: "data" })).toEqual([
    'error ExtraMountPointsBasename: mount point "data0" is not an absolute path',
  ]);
});
