import type { Facts } from "./storage-commands.ts";
import { openMappings, targetMountPoints } from "./storage-edit.ts";
import type { MountMeaning } from "./storage-events.ts";
import type { Expectation } from "./storage-expectation.ts";
import { bootDriveOf, type OriginalPartition, originalPartitions } from "./storage-layout-facts.ts";
import type { StorageRule } from "./storage-rules.ts";

/** The original looks for an EFI partition behind a mapping that nobody has made. */
export function isEfiMapping({ source, on }: MountMeaning): boolean {
  return source.startsWith("/dev/mapper/") && on === "/mnt/mnt/efi";
}

/** The first in the original's PATH. */
function findGrubInstaller(imagePaths: ReadonlySet<string>): string {
  const places = ["/bin", "/sbin", "/usr/bin", "/usr/sbin"];
  const candidates = ["grub-install", "grub2-install"].flatMap((name) =>
    places.map((place) => `${place}/${name}`),
  );
  return candidates.find((path) => imagePaths.has(path)) ?? "";
}

function kexecOf(imagePaths: ReadonlySet<string>, partitions: readonly OriginalPartition[]): Facts {
  const find = (pattern: RegExp): string => [...imagePaths].find((path) => pattern.test(path)) ?? "";
  const label = partitions.find(({ mountPoint }) => mountPoint === "/")?.label ?? "";
  return {
    root: "/mnt",
    "-l": find(/^\/boot\/vmlinuz-[^/]*$/),
    "--append": `root=LABEL=${label} ro console=tty0 console=ttyS0,115200n8 `,
    "--console-serial": "yes",
    "--serial-baud": "115200",
    "--initrd": find(/^\/boot\/(initrd\.img-|initramfs-)[^/]*$/),
  };
}

/** Rules about what is mounted, written and released. */
export const TARGET_RULES: readonly StorageRule[] = [
  {
    id: "R-STO-OLD-ROOT-READ-ONLY",
    apply({ meaning }) {
      if (meaning === undefined || meaning.oldRoots.length === 0) return false;
      meaning.oldRoots = meaning.oldRoots.map((root) => root.replace(/ rw$/, " ro"));
      return true;
    },
  },
  {
    id: "R-STO-EFI-NOT-ENCRYPTED",
    apply(expectation, context) {
      const { meaning } = expectation;
      const { vector, layout, recorded, imagePaths } = context;
      const grubInstaller = findGrubInstaller(imagePaths);
      const drive = bootDriveOf(context);
      const isMisled = meaning?.failedMounts.some(isEfiMapping);
      if (meaning === undefined || isMisled !== true || layout === undefined || drive === undefined)
        return false;
      const partitions = originalPartitions(context);
      const extra = `${layout.extraMountPointsBasename}0`;
      const mounted = partitions.flatMap(({ mountPoint, type }, index): MountMeaning[] => {
        const name = `${drive}${/\d$/.test(drive) ? "p" : ""}${index + 1}`;
        if (mountPoint === "/" || mountPoint === extra) return [];
        const source = mountPoint === "/mnt/efi" ? `/dev/${name}` : `/dev/mapper/${name}`;
        return [{ source, on: `/mnt${mountPoint}`, type }];
      });
      const bound = ["dev", "proc", "sys", "tmp"].map((name) => ({
        source: `/${name}`,
        on: `/mnt/${name}`,
        type: "bind",
      }));
      meaning.mounts = [...meaning.mounts, ...mounted, ...bound];
      meaning.failedMounts = [];
      meaning.bootLoader = {
        root: "/mnt",
        program: grubInstaller,
        device: `/dev/${drive}`,
        "--boot-directory": "/boot",
        "--efi-directory": "/mnt/efi",
        "--removable": "yes",
        "--target": "x86_64-efi",
        ...(grubInstaller.endsWith("grub2-install") ? { "--force": "yes" } : {}),
      };
      if (layout.useKexec) meaning.kexec = kexecOf(imagePaths, partitions);
      meaning.unmounts = targetMountPoints(meaning);
      meaning.closes = openMappings(meaning);
      expectation.error = undefined;
      expectation.rebooter = layout.useKexec ? "kexec" : "default";
      expectation.key = { path: "etc/crypt.key", size: 16, mode: "0600", temporary: "zeroed" };
      expectation.files = vector.dryRunOfUnmodifiedProgram?.files;
      expectation.areFilesPartial = true;
      return recorded.error !== undefined;
    },
  },
  {
    id: "R-STO-ROOT-MOUNT-KEPT",
    apply(expectation) {
      const { meaning } = expectation;
      if (meaning?.isRootLost !== true) return false;
      meaning.isRootLost = false;
      if (expectation.rebooter !== undefined) {
        meaning.unmounts = [...meaning.unmounts, "/mnt"];
        meaning.closes = openMappings(meaning);
      }
      expectation.unmountError = undefined;
      return true;
    },
  },
  {
    id: "R-STO-NO-EXTRA-BINDS",
    apply({ meaning }) {
      if (meaning === undefined) return false;
      const isExtra = ({ source, on }: MountMeaning): boolean =>
        source === "/tftpdata" || on === "/tmproot/mnt";
      const extra = meaning.mounts.filter(isExtra).map(({ on }) => on);
      meaning.mounts = meaning.mounts.filter((mount) => !isExtra(mount));
      meaning.unmounts = meaning.unmounts.filter((on) => !extra.includes(on));
      return extra.length > 0;
    },
  },
  {
    id: "R-STO-MOUNT-ORDER",
    apply({ meaning }) {
      if (meaning === undefined) return false;
      const isWrong = meaning.mounts.some(({ on }, index) =>
        meaning.mounts.slice(index + 1).some((later) => on.startsWith(`${later.on}/`)),
      );
      if (!isWrong) return false;
      const depth = ({ on }: MountMeaning): number => on.split("/").length;
      meaning.mounts = meaning.mounts.toSorted((a, b) => depth(a) - depth(b));
      if (meaning.unmounts.length > 0) meaning.unmounts = targetMountPoints(meaning);
      return true;
    },
  },
  {
    id: "R-STO-BOOT-IN-PLACE",
    apply({ meaning }) {
      const before = meaning?.scratchMounts.length ?? 0;
      if (meaning === undefined) return false;
      meaning.scratchMounts = meaning.scratchMounts.filter(({ type }) => type === "vfat");
      return meaning.scratchMounts.length < before;
    },
  },
  {
    id: "R-STO-VFAT-COPIED",
    apply({ meaning }) {
      if (meaning === undefined) return false;
      const copied = new Set(meaning.scratchMounts.map(({ source }) => source));
      const others = meaning.mounts.filter(({ type, source }) => type === "vfat" && !copied.has(source));
      meaning.scratchMounts = [...meaning.scratchMounts, ...others];
      return others.length > 0;
    },
  },
  {
    id: "R-STO-BOOT-LAST",
    // The order is not part of the meaning: findOrderFault looks at it in every case.
    apply: ({ meaning }) => meaning?.bootLoader !== undefined,
  },
  {
    id: "R-STO-KEY-MODE",
    apply(expectation: Expectation) {
      if (expectation.key === undefined) return false;
      expectation.key = { ...expectation.key, mode: "0400", temporary: "removed" };
      return true;
    },
  },
];
