import type { ErrorCodeTable } from "./entry.ts";

/** Drives, layouts and the boot loader. */
export const STORAGE_ERRORS = {
  E_NO_DRIVES: {
    kind: "target",
    meaning: "This machine has no drive that could be installed to.",
    hint: "look at the skipped drives in the log (-logDebugLevel=2), and at the kernel's driver for the disk controller",
  },
  E_DRIVE_SELECTION: {
    kind: "config",
    meaning: "The drive selector named a drive that does not exist, or one drive twice.",
    hint: "`installer list-drives` prints the names that may be selected",
  },
  E_DRIVE_IN_USE: {
    kind: "target",
    meaning: "A drive that is to be erased is mounted, used as swap or held by another device.",
    hint: "unmount it, stop what uses it (swapoff, mdadm --stop, vgchange -an), or leave it out with a drive selector",
  },
  E_DRIVE_TOO_SMALL: {
    kind: "target",
    meaning: "The storage layout does not fit on the drive.",
    hint: "make the layout smaller, or select a larger boot drive; nothing was changed",
  },
  E_DRIVE_ERASE: {
    kind: "target",
    meaning: "A drive could not be overwritten.",
    hint: "look at the kernel log for errors of the drive",
  },
  E_LAYOUT_NO_ROOT: {
    kind: "config",
    meaning: "The storage layout has no partition with the mount point `/`.",
    hint: "add one to BootDriveLayout in storage-layout.json",
  },
  E_LAYOUT_SIZE: {
    kind: "config",
    meaning: "A partition of the storage layout has a size where none may be, or none where one must be.",
    hint: "every partition but the last needs MinimumBytes or MinimumFreeBytes; the last takes the rest of the drive",
  },
  E_LAYOUT_MOUNT_POINT: {
    kind: "config",
    meaning: "A mount point of the storage layout is malformed, reserved or used twice.",
    hint: "mount points are absolute paths without `..`, each used once",
  },
  E_LAYOUT_LABEL: {
    kind: "config",
    meaning:
      "A file-system label of the storage layout is too long, used twice, or has characters that it must not have.",
    hint: "set FileSystemLabel: ext4 takes 16 bytes, vfat 11 letters, digits, `-` and `_`",
  },
  E_LAYOUT_VALUE: {
    kind: "config",
    meaning: "A value of a partition in the storage layout is out of range.",
    hint: "the message names the partition and the key",
  },
  E_LAYOUT_TOO_MANY_PARTITIONS: {
    kind: "config",
    meaning: "The storage layout has more partitions than a partition table can hold.",
    hint: "a GPT holds 128 partitions",
  },
  E_LAYOUT_INODES: {
    kind: "config",
    meaning: "The root file-system would have fewer inodes than the image needs.",
    hint: "raise MinimumBytes or lower BytesPerInode of the `/` partition",
  },
  E_PARTITION_TABLE: {
    kind: "target",
    meaning: "The kernel does not show the partitions that were made.",
    hint: "look at the kernel log; another program may hold the drive",
  },
  E_DEVICE_TIMEOUT: {
    kind: "target",
    meaning: "A device node did not appear in time.",
    hint: "look at the kernel log for errors of the drive",
  },
  E_MAKE_FILE_SYSTEM: {
    kind: "target",
    meaning: "A file-system could not be made.",
    hint: "the program's own words are in the message",
  },
  E_MOUNT: {
    kind: "target",
    meaning: "A file-system of the target could not be mounted.",
    hint: "the cause has the errno; the kernel log has more",
  },
  E_UNMOUNT: {
    kind: "target",
    meaning: "A file-system of the target could not be unmounted.",
    hint: "a process may still use it (look in /proc/*/cwd); data written so far is synced",
  },
  E_TARGET_PATH: {
    kind: "target",
    meaning: "A path of the target leads through a symbolic link or a file instead of a directory.",
    hint: "the image has something else where a directory is needed",
  },
  E_BOOT_FILES: {
    kind: "integrity",
    meaning: "The image has no usable /boot: no or several kernels, or several initial RAM disks.",
    hint: "publish an image with exactly one vmlinuz-* and one initrd.img-* or initramfs-* in /boot",
  },
  E_BOOT_LOADER: {
    kind: "target",
    meaning: "The boot loader could not be installed.",
    hint: "the image must contain grub-install or grub2-install and the modules of the target's firmware",
  },
} as const satisfies ErrorCodeTable;
