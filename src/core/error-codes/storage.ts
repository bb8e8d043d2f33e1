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
    meaning:
      "The drives that storage-layout.json or the drive selector asks for are not exactly the drives that were found.",
    hint: "`installer list-drives -table` shows every drive with what it can be named by, and why one cannot be used; nothing was changed",
  },
  E_DRIVE_IN_USE: {
    kind: "target",
    meaning: "A drive that is to be erased is mounted, used as swap or held by another device.",
    hint: "unmount it, stop what uses it (swapoff, mdadm --stop, vgchange -an), or leave it out with a drive selector",
  },
  E_DRIVE_RELEASE: {
    kind: "target",
    meaning: "What an old system left on a drive (swap, mount, RAID array, volume) could not be taken down.",
    hint: "take it down by hand in the console shell (umount, swapoff, dmsetup remove, mdadm --stop), and start again; nothing was erased",
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
    meaning:
      "A partition of the storage layout is too small for its file-system, or has a size where none may be, or none where one must be.",
    hint: "every partition but the last needs MinimumBytes or MinimumFreeBytes; the last takes the rest of the drive",
  },
  E_LAYOUT_MOUNT_POINT: {
    kind: "config",
    meaning: "A mount point of the storage layout is malformed, reserved or used twice.",
    hint: "mount points are absolute paths without `..`, each used once; that of swap is `none`",
  },
  E_LAYOUT_LABEL: {
    kind: "config",
    meaning:
      "A file-system label of the storage layout is too long, used twice, or has characters that it must not have.",
    hint: "set FileSystemLabel: ext4 takes 16 bytes, xfs 12, swap 15, btrfs 63, vfat 11 letters, digits, `-` and `_`",
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
    meaning: "A file-system would have fewer inodes than it needs; the root, than the image needs.",
    hint: "raise MinimumBytes or lower BytesPerInode of the partition",
  },
  E_PARTITION_TABLE: {
    kind: "target",
    meaning: "A partition table could not be made, or the kernel does not show the partitions that it has.",
    hint: "look at the kernel log; another program may hold the drive",
  },
  E_DEVICE_TIMEOUT: {
    kind: "target",
    meaning: "A device node did not appear in time.",
    hint: "look at the kernel log for errors of the drive",
  },
  E_ENCRYPT: {
    kind: "target",
    meaning: "A volume could not be encrypted, or not be opened afterwards.",
    hint: "the tools image needs cryptsetup, and the kernel dm-crypt; the program's own words are in the message",
  },
  E_MAKE_FILE_SYSTEM: {
    kind: "target",
    meaning: "A file-system could not be made.",
    hint: "look at the kernel log (dmesg) for errors of the drive; the tools image needs the mkfs of this type",
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
  E_TARGET_WRITE: {
    kind: "target",
    meaning: "A file of the new system could not be written.",
    hint: "the errno says why: ENOSPC needs a larger partition in the storage layout, EIO or EROFS another drive",
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
  E_EFI_BOOT_ENTRY: {
    kind: "target",
    meaning:
      "The firmware did not take a boot entry. This is a warning: firmware finds the boot loader without it.",
    hint: "`-efiBootEntry=none` leaves the firmware's variables alone",
  },
} as const satisfies ErrorCodeTable;
