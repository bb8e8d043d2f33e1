import type { FileSystemType } from "../../../src/storage/plan/layout.ts";
import type { Firmware } from "../../../src/storage/plan/plan.ts";

/** What a partition is called in its table. */
export type PartitionKind = "linux" | "swap" | "vfat" | "esp" | "bios-boot";

/** Start and size in MiB; "rest": up to the end of what the table can describe. */
export type ExpectedPartition = readonly [
  startMiB: number,
  sizeMiB: number | "rest",
  kind: PartitionKind,
  type: FileSystemType | undefined,
  label: string,
  mountPoint: string,
];

/** What an ext4 has that is not as mkfs makes it by itself. */
export interface Tuning {
  readonly bytesPerInode?: number;
  readonly reservedPercent?: number;
  readonly owner?: readonly [user: number, group: number];
}

/** A layout as the operator writes it, and what has to come out, worked out by hand from spec/storage.md section 4. */
export interface LayoutCase {
  readonly firmware: Firmware;
  /** Of the boot drive. */
  readonly sizeMiB: number;
  /** Content of storage-layout.json. */
  readonly layout: object;
  readonly table: "dos" | "gpt";
  /** In order of their numbers. */
  readonly partitions: readonly ExpectedPartition[];
  /** Number of the one that has the boot flag; with a GPT and BIOS there is none. */
  readonly active?: number;
  /** Mount points, outermost first, of what is mounted while installing; vfat cannot take part. */
  readonly mounted: readonly string[];
  /** By mount point. */
  readonly tuning?: Readonly<Record<string, Tuning>>;
  /** Sizes of the data drives in MiB, and what they are mounted as. */
  readonly dataDrives?: readonly (readonly [sizeMiB: number, label: string, mountPoint: string])[];
}

/** What the image takes; the root gets room for it twice, or once besides what was asked for. */
export const IMAGE_MIB = 10;

const mib = (count: number) => count * 2 ** 20;

const ROOT = { MountPoint: "/", MinimumFreeBytes: mib(100) };
const ROOT_SIZE = 110;

const usual = {
  BootDriveLayout: [
    { MountPoint: "/", MinimumFreeBytes: mib(1024) },
    { MountPoint: "/home", MinimumFreeBytes: mib(512) },
    { MountPoint: "/var/log", MinimumFreeBytes: mib(256) },
  ],
  ExtraMountPointsBasename: "/data/",
};

const withBoot = {
  BootDriveLayout: [{ MountPoint: "/boot", MinimumBytes: mib(64) }, ROOT],
  ExtraMountPointsBasename: "/data/",
};

const everyType = {
  BootDriveLayout: [
    ROOT,
    { MountPoint: "/srv", FileSystemType: "xfs", MinimumBytes: mib(320) },
    { MountPoint: "/home", FileSystemType: "btrfs", MinimumBytes: mib(128) },
    { MountPoint: "none", FileSystemType: "swap", MinimumBytes: mib(32) },
  ],
  ExtraMountPointsBasename: "/data/",
  MountBy: "uuid",
};

const tuned = {
  BootDriveLayout: [
    { ...ROOT, BytesPerInode: 2048, ReservedBlocksPercentage: 1 },
    { MountPoint: "/var", MinimumBytes: mib(96), BytesPerInode: 8192, ReservedBlocksPercentage: 20 },
    { MountPoint: "/home", MinimumBytes: mib(64), RootUserId: 1000, RootGroupId: 100 },
  ],
  ExtraMountPointsBasename: "/data/",
};

const tunedAs: Readonly<Record<string, Tuning>> = {
  "/": { bytesPerInode: 2048, reservedPercent: 1 },
  "/var": { bytesPerInode: 8192, reservedPercent: 20 },
  "/home": { owner: [1000, 100] },
};

/** `count` partitions of 8 MiB each, called /p1, /p2, …, the first of them at `startMiB`. */
function severalPartitions(count: number, startMiB: number) {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  return {
    written: numbers.map((number) => ({ MountPoint: `/p${number}`, MinimumBytes: mib(8) })),
    expected: numbers.map(
      (number): ExpectedPartition => [
        startMiB + (number - 1) * 8,
        8,
        "linux",
        "ext4",
        `/p${number}`,
        `/p${number}`,
      ],
    ),
    mounted: numbers.map((number) => `/p${number}`),
  };
}

const nine = severalPartitions(9, 2 + ROOT_SIZE);
const twenty = severalPartitions(20, 129 + ROOT_SIZE);

export const LAYOUT_CASES: Readonly<Record<string, LayoutCase>> = {
  "the usual layout, BIOS": {
    firmware: "bios",
    sizeMiB: 4096,
    layout: usual,
    table: "dos",
    active: 1,
    partitions: [
      [1, 1034, "linux", "ext4", "rootfs", "/"],
      [1035, 512, "linux", "ext4", "/home", "/home"],
      [1547, 256, "linux", "ext4", "/var/log", "/var/log"],
      [1803, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/", "/home", "/var/log"],
  },
  "the usual layout, EFI": {
    firmware: "efi",
    sizeMiB: 4096,
    layout: usual,
    table: "gpt",
    partitions: [
      [1, 128, "esp", "vfat", "EFI", "/mnt/efi"],
      [129, 1034, "linux", "ext4", "rootfs", "/"],
      [1163, 512, "linux", "ext4", "/home", "/home"],
      [1675, 256, "linux", "ext4", "/var/log", "/var/log"],
      [1931, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/", "/home", "/var/log"],
  },
  "nothing but a root with room to spare, BIOS": {
    firmware: "bios",
    sizeMiB: 1024,
    layout: { BootDriveLayout: [ROOT], ExtraMountPointsBasename: "/data/" },
    table: "dos",
    active: 1,
    partitions: [
      [1, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [111, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/"],
  },
  "nothing but a root, EFI": {
    firmware: "efi",
    sizeMiB: 1024,
    layout: { BootDriveLayout: [ROOT], ExtraMountPointsBasename: "/data/" },
    table: "gpt",
    partitions: [
      [1, 128, "esp", "vfat", "EFI", "/mnt/efi"],
      [129, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [239, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/"],
  },
  "a root without sizes: twice the image": {
    firmware: "bios",
    sizeMiB: 512,
    layout: { BootDriveLayout: [{ MountPoint: "/" }], ExtraMountPointsBasename: "/data/" },
    table: "dos",
    active: 1,
    partitions: [
      [1, 20, "linux", "ext4", "rootfs", "/"],
      [21, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/"],
  },
  "/boot of its own, before the root": {
    firmware: "bios",
    sizeMiB: 1024,
    layout: withBoot,
    table: "dos",
    active: 1,
    partitions: [
      [1, 64, "linux", "ext4", "bootfs", "/boot"],
      [65, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [175, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/", "/boot"],
  },
  "/boot of its own, behind the root": {
    firmware: "bios",
    sizeMiB: 1024,
    layout: { ...withBoot, BootDriveLayout: withBoot.BootDriveLayout.toReversed() },
    table: "dos",
    active: 2,
    partitions: [
      [1, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [111, 64, "linux", "ext4", "bootfs", "/boot"],
      [175, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/", "/boot"],
  },
  "/boot becomes the EFI partition, with no less than that needs": {
    firmware: "efi",
    sizeMiB: 1024,
    layout: withBoot,
    table: "gpt",
    partitions: [
      [1, 128, "esp", "vfat", "bootfs", "/boot"],
      [129, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [239, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/"],
  },
  "a large /boot becomes a large EFI partition": {
    firmware: "efi",
    sizeMiB: 1024,
    layout: {
      ...withBoot,
      BootDriveLayout: [ROOT, { MountPoint: "/boot", MinimumFreeBytes: mib(200) }],
    },
    table: "gpt",
    partitions: [
      [1, 200, "esp", "vfat", "bootfs", "/boot"],
      [201, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [311, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/"],
  },
  "/mnt/efi configured: one EFI partition, not two": {
    firmware: "efi",
    sizeMiB: 1024,
    layout: {
      BootDriveLayout: [ROOT, { MountPoint: "/mnt/efi", FileSystemType: "vfat", MinimumBytes: mib(256) }],
      ExtraMountPointsBasename: "/data/",
    },
    table: "gpt",
    partitions: [
      [1, 256, "esp", "vfat", "EFI", "/mnt/efi"],
      [257, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [367, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/"],
  },
  "/boot/efi configured, with /boot of its own": {
    firmware: "efi",
    sizeMiB: 1024,
    layout: {
      ...withBoot,
      BootDriveLayout: [...withBoot.BootDriveLayout, { MountPoint: "/boot/efi", FileSystemLabel: "ESP" }],
    },
    table: "gpt",
    partitions: [
      [1, 128, "esp", "vfat", "ESP", "/boot/efi"],
      [129, 64, "linux", "ext4", "bootfs", "/boot"],
      [193, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [303, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/", "/boot"],
  },
  "labels of the operator's own": {
    firmware: "bios",
    sizeMiB: 1024,
    layout: {
      BootDriveLayout: [
        { ...ROOT, FileSystemLabel: "system" },
        { MountPoint: "/home", FileSystemLabel: "sixteen-bytes-xx", MinimumBytes: mib(32) },
        { MountPoint: "/data/0", FileSystemLabel: "bulk" },
      ],
      ExtraMountPointsBasename: "/data/",
    },
    table: "dos",
    active: 1,
    partitions: [
      [1, ROOT_SIZE, "linux", "ext4", "system", "/"],
      [111, 32, "linux", "ext4", "sixteen-bytes-xx", "/home"],
      [143, "rest", "linux", "ext4", "bulk", "/data/0"],
    ],
    mounted: ["/", "/home"],
  },
  "the larger of MinimumBytes and MinimumFreeBytes": {
    firmware: "bios",
    sizeMiB: 1024,
    layout: {
      BootDriveLayout: [
        { MountPoint: "/", MinimumBytes: mib(300), MinimumFreeBytes: mib(50) },
        { MountPoint: "/home", MinimumBytes: mib(32), MinimumFreeBytes: mib(48) },
        { MountPoint: "/srv", MinimumBytes: mib(40), MinimumFreeBytes: mib(24) },
      ],
      ExtraMountPointsBasename: "/data/",
    },
    table: "dos",
    active: 1,
    partitions: [
      [1, 300, "linux", "ext4", "rootfs", "/"],
      [301, 48, "linux", "ext4", "/home", "/home"],
      [349, 40, "linux", "ext4", "/srv", "/srv"],
      [389, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/", "/home", "/srv"],
  },
  "less free space on the root than the image takes": {
    firmware: "efi",
    sizeMiB: 1024,
    layout: {
      BootDriveLayout: [{ MountPoint: "/", MinimumFreeBytes: mib(3) }],
      ExtraMountPointsBasename: "/data/",
    },
    table: "gpt",
    partitions: [
      [1, 128, "esp", "vfat", "EFI", "/mnt/efi"],
      [129, 20, "linux", "ext4", "rootfs", "/"],
      [149, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/"],
  },
  "odd sizes, rounded up to whole MiB": {
    firmware: "efi",
    sizeMiB: 1024,
    layout: {
      BootDriveLayout: [
        { MountPoint: "/", MinimumFreeBytes: mib(100) + 1 },
        { MountPoint: "/home", MinimumBytes: mib(5) + 1 },
        { MountPoint: "/srv", MinimumFreeBytes: mib(7) - 1 },
        { MountPoint: "/opt", MinimumFreeBytes: mib(9) },
      ],
      ExtraMountPointsBasename: "/data/",
    },
    table: "gpt",
    partitions: [
      [1, 128, "esp", "vfat", "EFI", "/mnt/efi"],
      [129, 111, "linux", "ext4", "rootfs", "/"],
      [240, 6, "linux", "ext4", "/home", "/home"],
      [246, 7, "linux", "ext4", "/srv", "/srv"],
      [253, 9, "linux", "ext4", "/opt", "/opt"],
      [262, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/", "/home", "/srv", "/opt"],
  },
  "inodes, reserve and owner, BIOS": {
    firmware: "bios",
    sizeMiB: 1024,
    layout: tuned,
    table: "dos",
    active: 1,
    partitions: [
      [1, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [111, 96, "linux", "ext4", "/var", "/var"],
      [207, 64, "linux", "ext4", "/home", "/home"],
      [271, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/", "/var", "/home"],
    tuning: tunedAs,
  },
  "inodes, reserve and owner, EFI": {
    firmware: "efi",
    sizeMiB: 1024,
    layout: tuned,
    table: "gpt",
    partitions: [
      [1, 128, "esp", "vfat", "EFI", "/mnt/efi"],
      [129, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [239, 96, "linux", "ext4", "/var", "/var"],
      [335, 64, "linux", "ext4", "/home", "/home"],
      [399, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/", "/var", "/home"],
    tuning: tunedAs,
  },
  "a data partition with options of its own": {
    firmware: "bios",
    sizeMiB: 1024,
    layout: {
      BootDriveLayout: [
        ROOT,
        {
          MountPoint: "/data/0",
          BytesPerInode: 16384,
          ReservedBlocksPercentage: 50,
          RootUserId: 65534,
          RootGroupId: 65534,
        },
      ],
      ExtraMountPointsBasename: "/data/",
    },
    table: "dos",
    active: 1,
    partitions: [
      [1, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [111, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/"],
    tuning: { "/data/0": { bytesPerInode: 16384, reservedPercent: 50, owner: [65534, 65534] } },
  },
  "xfs, the root too": {
    firmware: "bios",
    sizeMiB: 2048,
    layout: {
      BootDriveLayout: [
        { MountPoint: "/", FileSystemType: "xfs", MinimumFreeBytes: mib(400) },
        { MountPoint: "/home", FileSystemType: "xfs", MinimumBytes: mib(320) },
        { MountPoint: "/data/0", FileSystemType: "xfs" },
      ],
      ExtraMountPointsBasename: "/data/",
    },
    table: "dos",
    active: 1,
    partitions: [
      [1, 410, "linux", "xfs", "rootfs", "/"],
      [411, 320, "linux", "xfs", "/home", "/home"],
      [731, "rest", "linux", "xfs", "/data/0", "/data/0"],
    ],
    mounted: ["/", "/home"],
  },
  "btrfs, the root too": {
    firmware: "efi",
    sizeMiB: 2048,
    layout: {
      BootDriveLayout: [
        { MountPoint: "/", FileSystemType: "btrfs", MinimumFreeBytes: mib(400) },
        { MountPoint: "/home", FileSystemType: "btrfs", MinimumBytes: mib(128) },
        { MountPoint: "/data/0", FileSystemType: "btrfs" },
      ],
      ExtraMountPointsBasename: "/data/",
    },
    table: "gpt",
    partitions: [
      [1, 128, "esp", "vfat", "EFI", "/mnt/efi"],
      [129, 410, "linux", "btrfs", "rootfs", "/"],
      [539, 128, "linux", "btrfs", "/home", "/home"],
      [667, "rest", "linux", "btrfs", "/data/0", "/data/0"],
    ],
    mounted: ["/", "/home"],
  },
  "one swap area": {
    firmware: "bios",
    sizeMiB: 1024,
    layout: {
      BootDriveLayout: [ROOT, { FileSystemType: "swap", MinimumBytes: mib(64) }],
      ExtraMountPointsBasename: "/data/",
    },
    table: "dos",
    active: 1,
    partitions: [
      [1, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [111, 64, "swap", "swap", "swap", "none"],
      [175, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/"],
  },
  "two swap areas": {
    firmware: "efi",
    sizeMiB: 1024,
    layout: {
      BootDriveLayout: [
        { MountPoint: "swap", FileSystemType: "swap", MinimumBytes: mib(16) },
        ROOT,
        { MountPoint: "none", FileSystemType: "swap", MinimumFreeBytes: mib(24) },
      ],
      ExtraMountPointsBasename: "/data/",
    },
    table: "gpt",
    partitions: [
      [1, 128, "esp", "vfat", "EFI", "/mnt/efi"],
      [129, 16, "swap", "swap", "swap", "none"],
      [145, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [255, 24, "swap", "swap", "swap1", "none"],
      [279, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/"],
  },
  "a vfat for exchanging files": {
    firmware: "bios",
    sizeMiB: 1024,
    layout: {
      BootDriveLayout: [ROOT, { MountPoint: "/exchange", FileSystemType: "vfat", MinimumBytes: mib(64) }],
      ExtraMountPointsBasename: "/data/",
    },
    table: "dos",
    active: 1,
    partitions: [
      [1, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [111, 64, "vfat", "vfat", "EXCHANGE", "/exchange"],
      [175, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/"],
  },
  "five partitions with BIOS: a GPT with room for GRUB": {
    firmware: "bios",
    sizeMiB: 1024,
    layout: {
      BootDriveLayout: [
        { MountPoint: "/boot", MinimumBytes: mib(64) },
        ROOT,
        { MountPoint: "/home", MinimumBytes: mib(32) },
        { MountPoint: "/exchange", FileSystemType: "vfat", MinimumBytes: mib(32) },
      ],
      ExtraMountPointsBasename: "/data/",
    },
    table: "gpt",
    partitions: [
      [2, 64, "linux", "ext4", "bootfs", "/boot"],
      [66, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [176, 32, "linux", "ext4", "/home", "/home"],
      [208, 32, "vfat", "vfat", "EXCHANGE", "/exchange"],
      [240, "rest", "linux", "ext4", "/data/0", "/data/0"],
      [1, 1, "bios-boot", undefined, "", ""],
    ],
    mounted: ["/", "/boot", "/home"],
  },
  "a dozen partitions with BIOS": {
    firmware: "bios",
    sizeMiB: 1024,
    layout: { BootDriveLayout: [ROOT, ...nine.written], ExtraMountPointsBasename: "/data/" },
    table: "gpt",
    partitions: [
      [2, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      ...nine.expected,
      [184, "rest", "linux", "ext4", "/data/0", "/data/0"],
      [1, 1, "bios-boot", undefined, "", ""],
    ],
    mounted: ["/", ...nine.mounted],
  },
  "two dozen partitions with EFI": {
    firmware: "efi",
    sizeMiB: 1024,
    layout: { BootDriveLayout: [ROOT, ...twenty.written], ExtraMountPointsBasename: "/data/" },
    table: "gpt",
    partitions: [
      [1, 128, "esp", "vfat", "EFI", "/mnt/efi"],
      [129, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      ...twenty.expected,
      [399, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/", ...twenty.mounted],
  },
  "one data drive": {
    firmware: "bios",
    sizeMiB: 1024,
    layout: { BootDriveLayout: [ROOT], ExtraMountPointsBasename: "/data/" },
    table: "dos",
    active: 1,
    partitions: [
      [1, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [111, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/"],
    dataDrives: [[768, "/data/1", "/data/1"]],
  },
  "two data drives": {
    firmware: "efi",
    sizeMiB: 1024,
    layout: { BootDriveLayout: [ROOT], ExtraMountPointsBasename: "/srv/disk" },
    table: "gpt",
    partitions: [
      [1, 128, "esp", "vfat", "EFI", "/mnt/efi"],
      [129, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [239, "rest", "linux", "ext4", "/srv/disk0", "/srv/disk0"],
    ],
    mounted: ["/"],
    dataDrives: [
      [256, "/srv/disk1", "/srv/disk1"],
      [1024, "/srv/disk2", "/srv/disk2"],
    ],
  },
  "every type of file-system, found by UUID, BIOS": {
    firmware: "bios",
    sizeMiB: 2048,
    layout: everyType,
    table: "gpt",
    partitions: [
      [2, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [112, 320, "linux", "xfs", "/srv", "/srv"],
      [432, 128, "linux", "btrfs", "/home", "/home"],
      [560, 32, "swap", "swap", "swap", "none"],
      [592, "rest", "linux", "ext4", "/data/0", "/data/0"],
      [1, 1, "bios-boot", undefined, "", ""],
    ],
    mounted: ["/", "/srv", "/home"],
  },
  "every type of file-system, found by UUID, EFI": {
    firmware: "efi",
    sizeMiB: 2048,
    layout: everyType,
    table: "gpt",
    partitions: [
      [1, 128, "esp", "vfat", "EFI", "/mnt/efi"],
      [129, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [239, 320, "linux", "xfs", "/srv", "/srv"],
      [559, 128, "linux", "btrfs", "/home", "/home"],
      [687, 32, "swap", "swap", "swap", "none"],
      [719, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/", "/srv", "/home"],
    dataDrives: [[256, "/data/1", "/data/1"]],
  },
  "no ExtraMountPointsBasename": {
    firmware: "bios",
    sizeMiB: 1024,
    layout: { BootDriveLayout: [ROOT] },
    table: "dos",
    active: 1,
    partitions: [
      [1, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [111, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/"],
    dataDrives: [[256, "/data/1", "/data/1"]],
  },
  "another ExtraMountPointsBasename": {
    firmware: "bios",
    sizeMiB: 1024,
    layout: { BootDriveLayout: [ROOT], ExtraMountPointsBasename: "/export/volume-" },
    table: "dos",
    active: 1,
    partitions: [
      [1, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [111, "rest", "linux", "ext4", "/export/volume-0", "/export/volume-0"],
    ],
    mounted: ["/"],
  },
  "mount points inside each other, in a bad order": {
    firmware: "efi",
    sizeMiB: 1024,
    layout: {
      BootDriveLayout: [
        { MountPoint: "/var/log/audit", MinimumBytes: mib(16) },
        { MountPoint: "/var/log", MinimumBytes: mib(16) },
        { MountPoint: "/var", MinimumBytes: mib(16) },
        ROOT,
      ],
      ExtraMountPointsBasename: "/var/lib/data",
    },
    table: "gpt",
    partitions: [
      [1, 128, "esp", "vfat", "EFI", "/mnt/efi"],
      [129, 16, "linux", "ext4", "/var/log/audit", "/var/log/audit"],
      [145, 16, "linux", "ext4", "/var/log", "/var/log"],
      [161, 16, "linux", "ext4", "/var", "/var"],
      [177, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [287, "rest", "linux", "ext4", "/var/lib/data0", "/var/lib/data0"],
    ],
    mounted: ["/", "/var", "/var/log", "/var/log/audit"],
  },
  "mount points with needless slashes, and one longer than a label": {
    firmware: "bios",
    sizeMiB: 1024,
    layout: {
      BootDriveLayout: [
        ROOT,
        { MountPoint: "/home//", MinimumBytes: mib(16) },
        { MountPoint: "/var/lib/containers/storage", MinimumBytes: mib(16) },
      ],
      ExtraMountPointsBasename: "/data/",
    },
    table: "dos",
    active: 1,
    partitions: [
      [1, ROOT_SIZE, "linux", "ext4", "rootfs", "/"],
      [111, 16, "linux", "ext4", "/home", "/home"],
      [127, 16, "linux", "ext4", "/var/lib/contain", "/var/lib/containers/storage"],
      [143, "rest", "linux", "ext4", "/data/0", "/data/0"],
    ],
    mounted: ["/", "/home", "/var/lib/containers/storage"],
  },
};
