import { describe, expect, test } from "vitest";
import { parseStorageLayout } from "../../../src/config/storage-layout.ts";
import { defaultPartition } from "../../../src/storage/plan/layout.ts";

test("all keys", () => {
  const text = `{
    "BootDriveLayout": [
      {"MountPoint": "/", "MinimumFreeBytes": 2147483648},
      {"MountPoint": "/boot/efi", "FileSystemType": "vfat", "FileSystemLabel": "EFI", "MinimumBytes": 1,
       "BytesPerInode": 4096, "ReservedBlocksPercentage": 5, "RootGroupId": 6, "RootUserId": 7}
    ],
    "ExtraMountPointsBasename": "/data/", "Encrypt": true, "UseKexec": true, "MountBy": "uuid" }`;
  expect(parseStorageLayout("l", text)).toEqual({
    value: {
      bootDriveLayout: [
        { ...defaultPartition("/"), minimumFreeBytes: 2_147_483_648 },
        {
          mountPoint: "/boot/efi",
          fileSystemType: "vfat",
          fileSystemLabel: "EFI",
          minimumBytes: 1,
          minimumFreeBytes: 0,
          bytesPerInode: 4096,
          reservedBlocksPercentage: 5,
          rootGroupId: 6,
          rootUserId: 7,
        },
      ],
      extraMountPointsBasename: "/data/",
      encrypt: true,
      useKexec: true,
      mountBy: "uuid",
    },
    warnings: [],
  });
});

test("an empty object is a layout without partitions", () => {
  expect(parseStorageLayout("l", "{}").value).toEqual({
    bootDriveLayout: [],
    extraMountPointsBasename: "",
    encrypt: false,
    useKexec: false,
    mountBy: "label",
  });
});

test.each(["ext4", "vfat", "xfs", "btrfs", "swap"])("file-system type %s", (type) => {
  const text = `{"BootDriveLayout": [{"MountPoint": "/x", "FileSystemType": "${type}"}]}`;
  expect(parseStorageLayout("l", text).value.bootDriveLayout[0]?.fileSystemType).toBe(type);
});

test("MountBy is one of two words", () => {
  expect(() => parseStorageLayout("l", '{"MountBy": "partuuid"}')).toThrow(
    expect.objectContaining({
      code: "E_CONFIG_VALUE",
      message: expect.stringContaining('found "partuuid", expected "label" or "uuid"') as string,
    }) as Error,
  );
});

describe("refuses", () => {
  test.each([
    ['{"FileSystemType": ""}', 'found "", expected "ext4", "vfat", "xfs", "btrfs" or "swap"'],
    ['{"FileSystemType": 1}', 'found 1, expected "ext4", "vfat", "xfs", "btrfs" or "swap"'],
    ['{"FileSystemType": "XFS"}', 'found "XFS", expected "ext4", "vfat", "xfs", "btrfs" or "swap"'],
    ['{"MinimumBytes": "1M"}', 'found "1M", expected an integer without fraction or exponent'],
    ['{"MinimumBytes": 1.5}', "found 1.5, expected an integer without fraction or exponent"],
    [
      '{"MinimumBytes": 18446744073709551616}',
      "found 18446744073709551616, expected at most 9007199254740991",
    ],
    ['{"ReservedBlocksPercentage": 101}', "found 101, expected at most 100"],
    ['{"MountPoint": "/a\\nb"}', 'found a control character in "/a\\nb"'],
  ])("%s", (partition, what) => {
    const text = `{"BootDriveLayout": [${partition}]}`;
    expect(() => parseStorageLayout("l", text)).toThrow(
      expect.objectContaining({
        code: "E_CONFIG_VALUE",
        message: expect.stringContaining(what) as string,
      }) as Error,
    );
  });
});
