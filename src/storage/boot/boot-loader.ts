import { InstallerError } from "../../core/errors.ts";
import type { Command } from "../../system/commands.ts";
import type { StorageEnvironment } from "../environment.ts";
import type { FileSystemType } from "../plan/layout.ts";
import { bootDriveVolumes, type Firmware, hasSeparateBoot, type StoragePlan } from "../plan/plan.ts";
import { syncTarget } from "../target/sync-target.ts";
import { makeTargetDirectory, targetWriteError } from "../target/target-path.ts";
import type { Architecture } from "./boot-info.ts";
import { DEFAULT_SERIAL_PORT, type SerialPort } from "./consoles.ts";
import { findEfiDirectory } from "./efi-directory.ts";
import {
  GRUB_TEMPLATE_ENTRY,
  type GrubEntry,
  type GrubStyle,
  grubPath,
  renderGrubConfig,
} from "./grub-config.ts";

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
  /** GRUB's own console; default: the first port at 115200 bits per second. */
  readonly serial?: SerialPort;
}

/** The programs' search path in the target; `/usr` first, because `/sbin` is mostly a link into it. */
const SEARCH_PATH = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

const EFI_TARGETS: Readonly<Record<Architecture, string>> = { amd64: "x86_64-efi", arm64: "arm64-efi" };

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
 * Installs GRUB from the target's own tools. Its configuration is written and everything synced before grub-install is
 * started, and grub-install itself writes what the firmware starts as the last of its files: with BIOS modules, then the
 * core image, then the boot sector (the end of util/setup.c), with `--removable` modules, then the core image, then its copy
 * as `EFI/BOOT/BOOT*.EFI` (the end of util/grub-install.c). So the drive cannot boot before everything is in its place, and
 * nothing is gained by giving the loader another name first. A failure may come after that; callers take the boot code away
 * then (orMakeUnbootable). Rejects with E_BOOT_LOADER, E_TARGET_PATH or E_TARGET_WRITE.
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
  try {
    await writeGrubConfig(request, installer, files);
    // Lost writes must show before the drive can boot, not after.
    await syncTarget(plan, targetRoot, environment);
  } catch (error) {
    throw targetWriteError(`writing the configuration of the boot loader of ${devicePath}`, error);
  }
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
  { plan, targetRoot, entry, serial = DEFAULT_SERIAL_PORT }: BootLoaderRequest,
  { configDirectory }: GrubInstaller,
  files: StorageEnvironment["files"],
): Promise<void> {
  const separateBoot = hasSeparateBoot(plan);
  const style: GrubStyle = {
    firmware: plan.firmware,
    tableType: plan.bootDrive.tableType,
    bootFileSystem: bootFileSystemOf(plan),
    serial,
  };
  const seenByGrub: GrubEntry = {
    kernel: grubPath(entry.kernel, separateBoot),
    kernelOptions: entry.kernelOptions,
    initrd: grubPath(entry.initrd, separateBoot),
  };
  const directory = await makeTargetDirectory(targetRoot, configDirectory, files);
  await files.writeFileAtomic(`${directory}/grub.cfg`, renderGrubConfig(seenByGrub, style));
  await files.writeFileAtomic(`${directory}/grub.cfg.template`, renderGrubConfig(GRUB_TEMPLATE_ENTRY, style));
}

function bootFileSystemOf(plan: StoragePlan): FileSystemType {
  const holderOf = (mountPoint: string) =>
    bootDriveVolumes(plan).find(({ fileSystem }) => fileSystem.mountPoint === mountPoint)?.fileSystem.type;
  return holderOf("/boot") ?? holderOf("/") ?? "ext4";
}
