import type { StorageEnvironment } from "../environment.ts";

/** A line of the mount table, with what tells which device it is. */
export interface MountedFileSystem {
  readonly mountPoint: string;
  /** The mount table's source with links resolved. */
  readonly source: string;
  /** `major:minor` of the mount point and of the source's node: the source may only be called `/dev/root`. */
  readonly deviceNumbers: readonly string[];
}

/** A line of /proc/swaps. */
export interface SwapArea {
  readonly path: string;
  /** Of the device itself, or of the file-system that a swap file lies in. */
  readonly deviceNumber: string | undefined;
}

/** What this machine has mounted and swaps on; mounts in the order of the mount table, the newest last. */
export interface MachineUse {
  readonly mounted: readonly MountedFileSystem[];
  readonly swaps: readonly SwapArea[];
}

type MachineEnvironment = Pick<StorageEnvironment, "files" | "mounts" | "procDirectory">;

/** Reads the mount table and the swap areas of this machine; rejects with the system error of the mount table. */
export async function readMachineUse(environment: MachineEnvironment): Promise<MachineUse> {
  return { mounted: await readMounted(environment), swaps: await readSwaps(environment) };
}

/** Paths in the text of /proc/swaps: devices and files; blanks are octal escapes there (proc(5)). */
export function parseSwaps(text: string): readonly string[] {
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => line.split(/\s/)[0] ?? [])
    .filter((path) => path.startsWith("/"))
    .map((path) =>
      path.replaceAll(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8))),
    );
}

/** `major:minor` of a Linux device number in its 64-bit form. */
export function formatDeviceNumber(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn & 0xffffffffn);
  return `${major}:${minor}`;
}

async function readMounted({
  files,
  mounts,
}: Pick<StorageEnvironment, "files" | "mounts">): Promise<readonly MountedFileSystem[]> {
  const entries = await mounts.read();
  return Promise.all(
    entries.map(async ({ source, mountPoint }) => {
      const isDevice = source.startsWith("/dev/");
      const numbers = [
        await files.stat(mountPoint).then(
          ({ device }) => formatDeviceNumber(device),
          () => undefined,
        ),
        isDevice ? await readDeviceNumber(source, files) : undefined,
      ];
      return {
        mountPoint,
        source: isDevice ? await files.realPath(source).catch(() => source) : source,
        deviceNumbers: numbers.filter((number) => number !== undefined),
      };
    }),
  );
}

async function readSwaps({
  files,
  procDirectory,
}: Pick<StorageEnvironment, "files" | "procDirectory">): Promise<readonly SwapArea[]> {
  // A kernel without swap has no such file.
  const paths = parseSwaps(await files.readText(`${procDirectory}/swaps`).catch(() => ""));
  return Promise.all(
    paths.map(async (path) => ({ path, deviceNumber: await readDeviceNumber(path, files) })),
  );
}

/** Of a device node its own number, of anything else that of the file-system it lies in. */
async function readDeviceNumber(
  path: string,
  files: StorageEnvironment["files"],
): Promise<string | undefined> {
  try {
    const { type, rdev, device } = await files.stat(path);
    return formatDeviceNumber(type === "block" ? rdev : device);
  } catch {
    return undefined;
  }
}
