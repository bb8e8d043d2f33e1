import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import type { ImageStore } from "./installation.ts";

/** What an installation writes besides the image; everything else on the disk must be as published. */
const WRITTEN_BY_INSTALLATION: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: "mount tables", pattern: /^\/etc\/(fstab|crypttab)$/ },
  { what: "disk key, when something is encrypted", pattern: /^\/etc\/crypt\.key$/ },
  { what: "host name", pattern: /^\/etc\/hostname$/ },
  {
    what: "network",
    pattern: /^\/etc\/(network\/interfaces|resolv\.conf|udev\/rules\.d\/70-persistent-net\.rules)$/,
  },
  { what: "boot loader", pattern: /^\/boot\/grub(\/|$)/ },
  { what: "record of the installation", pattern: /^\/var\/(lib\/initial-image|log\/installer)(\/|$)/ },
  { what: "mount points of data file-systems", pattern: /^\/data(\/\d+)?$/ },
  { what: "made by mkfs", pattern: /\/lost\+found$/ },
];

interface SfdiskDump {
  readonly partitiontable: {
    readonly sectorsize?: number;
    readonly partitions: readonly { start: number; size: number }[];
  };
}

export interface DiskVerdict {
  /** `1234 inodes compared, 20 differences` */
  readonly summary: string;
  /** By what the installation wrote: the lines of `image verify`. */
  readonly expected: ReadonlyMap<string, readonly string[]>;
  readonly unexpected: readonly string[];
}

/**
 * Compares the file-systems on a disk, mounted read-only, with a published image. `mountPoints` are those of the first partitions, in
 * order, the root first. The disk must not be in use.
 */
export function verifyDisk(
  disk: string,
  mountPoints: readonly string[],
  {
    installer,
    store,
    imageName,
  }: { readonly installer: string; readonly store: ImageStore; readonly imageName: string },
): DiskVerdict {
  const root = mkdtempSync(path.join(tmpdir(), "installer-verify-"));
  try {
    const mounts = readPartitions(disk)
      .slice(0, mountPoints.length)
      .map(({ startBytes, sizeBytes }, index) => {
        const options = `loop,ro,noload,offset=${startBytes},sizelimit=${sizeBytes}`;
        return `mount -t ext4 -o ${options} "$1" "$2${mountPoints[index] === "/" ? "" : (mountPoints[index] ?? "")}"`;
      });
    const verify = 'exec "$3" image verify -imageDir "$4" "$5" "$2"';
    // A mount namespace of its own: the mounts end with it, however it ends.
    const run = spawnSync(
      "unshare",
      [
        "--mount",
        "sh",
        "-ec",
        [...mounts, verify].join("\n"),
        "sh",
        disk,
        root,
        installer,
        store.imageDirectory,
        imageName,
      ],
      { encoding: "utf8", maxBuffer: 2 ** 28 },
    );
    if (run.status !== 0 && run.status !== 6) throw new Error(`verifying ${disk}: ${run.stderr}`);
    return judge(
      run.stdout
        .trimEnd()
        .split("\n")
        .filter((line) => line !== ""),
      run.stderr.trim(),
    );
  } finally {
    rmdirSync(root);
  }
}

/** Where the partitions of a disk image lie, going by sfdisk. */
export function readPartitions(
  disk: string,
): readonly { readonly startBytes: number; readonly sizeBytes: number }[] {
  const dump = spawnSync("sfdisk", ["--json", disk], { encoding: "utf8" });
  if (dump.status !== 0)
    throw new Error(`reading the partition table of ${disk}: ${dump.error?.message ?? dump.stderr}`);
  const { partitiontable }: SfdiskDump = JSON.parse(dump.stdout);
  const sectorBytes = partitiontable.sectorsize ?? 512;
  return partitiontable.partitions.map(({ start, size }) => ({
    startBytes: start * sectorBytes,
    sizeBytes: size * sectorBytes,
  }));
}

function judge(lines: readonly string[], summary: string): DiskVerdict {
  const expected = new Map<string, string[]>();
  const unexpected: string[] = [];
  for (const line of lines) {
    const differingPath = /^\w+ (.*?)(: expected .*)?$/.exec(line)?.[1] ?? line;
    const reason = WRITTEN_BY_INSTALLATION.find(({ pattern }) => pattern.test(differingPath));
    if (reason === undefined) unexpected.push(line);
    else expected.set(reason.what, [...(expected.get(reason.what) ?? []), line]);
  }
  return { summary, expected, unexpected };
}
