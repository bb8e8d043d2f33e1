import { InstallerError } from "../../core/errors.ts";
import type { Command } from "../../system/commands.ts";
import type { MountEntry } from "../../system/mounts.ts";
import type { StorageEnvironment } from "../environment.ts";
import { isBelowOrSame } from "../plan/mount-points.ts";
import { type Firmware, hasSeparateBoot, type StoragePlan } from "../plan/plan.ts";
import { makeTargetDirectory } from "../target/target-path.ts";
import type { Architecture } from "./boot-info.ts";
import { GRUB_TEMPLATE_ENTRY, type GrubEntry, grubPath, renderGrubConfig } from "./grub-config.ts";

/** GRUB's installer as found in the target. */
export interface GrubInstaller {
  readonly path: string;
  /** `boot/grub`, or `boot/grub2` on the systems that call it so. */
  readonly configDirectory: string;
}

export interface GrubTarget {
  readonly targetRoot: string;
  readonly devicePath: string;
  readonly architecture: Architecture;
  readonly firmware: Firmware;
  /** Where the EFI partition is mounted, seen from inside the target; undefined with BIOS. */
  readonly efiDirectory: string | undefined;
}

export interface BootLoaderRequest {
  readonly plan: StoragePlan;
  readonly targetRoot: string;
  readonly architecture: Architecture;
  /** Paths as in the target (`/boot/vmlinuz-…`). */
  readonly entry: GrubEntry;
}

/** The programs' search path in the target; `/usr` first, because `/sbin` is mostly a link into it. */
const SEARCH_PATH = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

const EFI_TARGETS: Readonly<Record<Architecture, string>> = { amd64: "x86_64-efi", arm64: "arm64-efi" };

/**
 * Where the EFI partition is mounted in the target, going by the mount table (spec/image.md section 11.2): `/mnt/efi`, or
 * `/boot` when that is vfat; undefined: neither.
 */
export function findEfiDirectory(entries: readonly MountEntry[], targetRoot: string): string | undefined {
  const isVfat = (path: string) => mountOf(entries, `${targetRoot}${path}`)?.type === "vfat";
  if (isVfat("/mnt/efi")) return "/mnt/efi";
  return isVfat("/boot/grub/grub.cfg") ? "/boot" : undefined;
}

/** The command that makes the drive bootable (spec/image.md section 11.3). Throws E_BOOT_LOADER. */
export function renderGrubInstall(installer: GrubInstaller, target: GrubTarget): Command {
  return {
    program: installer.path,
    args: [
      "--boot-directory=/boot",
      target.devicePath,
      ...(target.firmware === "efi" ? renderEfiOptions(installer, target) : renderBiosOptions(target)),
    ],
    chroot: target.targetRoot,
  };
}

/**
 * Installs GRUB from the target's own tools. Its configuration is written and everything synced before the boot code goes to
 * the drive: until then the drive cannot boot. Rejects with E_BOOT_LOADER.
 */
export async function installBootLoader(
  request: BootLoaderRequest,
  environment: Pick<StorageEnvironment, "commands" | "files" | "mounts" | "clock" | "log" | "signal">,
): Promise<void> {
  const { plan, targetRoot, architecture } = request;
  const { commands, files, mounts, clock, log, signal } = environment;
  const { devicePath } = plan.bootDrive.drive;
  const { firmware } = plan;
  const installer = await findGrubInstaller(targetRoot, files);
  const efiDirectory = firmware === "efi" ? findEfiDirectory(await mounts.read(), targetRoot) : undefined;
  const command = renderGrubInstall(installer, {
    targetRoot,
    devicePath,
    architecture,
    firmware,
    efiDirectory,
  });
  await writeGrubConfig(request, installer, files);
  // Lost writes must show before the drive can boot, not after.
  await files.syncFileSystem(targetRoot);
  await files.syncAll();
  const startMs = clock.monotonicMs();
  try {
    await commands.run(command, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new InstallerError("E_BOOT_LOADER", `error installing GRUB on: ${devicePath}`, { cause: error });
  }
  await files.syncAll();
  log.info(`installed GRUB in ${((clock.monotonicMs() - startMs) / 1000).toFixed(3)}s`);
}

function renderBiosOptions({ architecture }: GrubTarget): readonly string[] {
  if (architecture !== "amd64")
    throw new InstallerError("E_BOOT_LOADER", `unsupported GRUB target for arch: ${architecture}`);
  return ["--target=i386-pc"];
}

function renderEfiOptions(
  { configDirectory }: GrubInstaller,
  { architecture, efiDirectory }: GrubTarget,
): readonly string[] {
  if (efiDirectory === undefined)
    throw new InstallerError("E_BOOT_LOADER", "no EFI partition is mounted in the target");
  return [
    `--efi-directory=${efiDirectory}`,
    "--removable",
    `--target=${EFI_TARGETS[architecture]}`,
    ...(configDirectory === "boot/grub2" ? ["--force"] : []),
  ];
}

/** The mount that `path` lies on: the deepest one, and of several at the same place the last, which hides the others. */
function mountOf(entries: readonly MountEntry[], path: string): MountEntry | undefined {
  return entries
    .filter(({ mountPoint }) => isBelowOrSame(path, mountPoint))
    .reduce<MountEntry | undefined>(
      (best, entry) =>
        best === undefined || entry.mountPoint.length >= best.mountPoint.length ? entry : best,
      undefined,
    );
}

async function findGrubInstaller(
  targetRoot: string,
  files: Pick<StorageEnvironment["files"], "exists">,
): Promise<GrubInstaller> {
  const candidates = [
    { name: "grub-install", configDirectory: "boot/grub" },
    { name: "grub2-install", configDirectory: "boot/grub2" },
  ];
  for (const { name, configDirectory } of candidates) {
    for (const directory of SEARCH_PATH) {
      const path = `${directory}/${name}`;
      if (await files.exists(`${targetRoot}${path}`)) return { path, configDirectory };
    }
  }
  throw new InstallerError(
    "E_BOOT_LOADER",
    `cannot find GRUB installer: (chroot=${targetRoot}) grub2-install not found in PATH`,
  );
}

async function writeGrubConfig(
  { plan, targetRoot, entry }: BootLoaderRequest,
  { configDirectory }: GrubInstaller,
  files: StorageEnvironment["files"],
): Promise<void> {
  const separateBoot = hasSeparateBoot(plan);
  const style = { firmware: plan.firmware, tableType: plan.bootDrive.tableType };
  const seenByGrub: GrubEntry = {
    kernel: grubPath(entry.kernel, separateBoot),
    kernelOptions: entry.kernelOptions,
    initrd: grubPath(entry.initrd, separateBoot),
  };
  const directory = await makeTargetDirectory(targetRoot, configDirectory, files);
  await files.writeFileAtomic(`${directory}/grub.cfg`, renderGrubConfig(seenByGrub, style));
  await files.writeFileAtomic(`${directory}/grub.cfg.template`, renderGrubConfig(GRUB_TEMPLATE_ENTRY, style));
}
