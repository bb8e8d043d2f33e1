import { errnoOf } from "../core/errors.ts";
import type { Step } from "../engine/step.ts";
import { PACKET_LOG_DIRECTORY } from "../network/dhcp/packet-log.ts";
import { KEY_FILE } from "../storage/make/luks.ts";
import { type StoragePlan, volumesOf } from "../storage/plan/plan.ts";
import { makeMountPoints } from "../storage/target/mount-target.ts";
import { writeInitialImageName, writeMountTables } from "../storage/target/target-files.ts";
import { makeTargetDirectory, targetWriteError } from "../storage/target/target-path.ts";
import type { FileSystem } from "../system/files.ts";
import { INSTALLER_LOG_DIRECTORY, type InstallOptions } from "./install-options.ts";

export interface SystemFilesInput {
  readonly options: InstallOptions;
  readonly plan: StoragePlan;
  readonly imageName: string;
  readonly discardedDrives: ReadonlySet<string>;
}

/** Writes what the new system needs to find its file-systems, and a record of how it came to be. */
export const writeSystemFiles: Step<SystemFilesInput, void> = {
  id: "write-system-files",
  title: "Write fstab and records",
  destructive: true,
  async run({ options, plan, imageName, discardedDrives }, { host, log }) {
    const { files } = host;
    const root = options.mountPoint;
    try {
      await makeMountPoints(volumesOf(plan), root, { files });
      await writeMountTables(plan, discardedDrives, root, { files, log });
      if (volumesOf(plan).some(({ encrypted }) => encrypted)) await copyDiskKey(options.tmpRoot, root, files);
      await writeInitialImageName(imageName, root, { files });
      const logDirectory = await makeTargetDirectory(root, INSTALLER_LOG_DIRECTORY, files);
      await copyTree(options.tftpDirectory, logDirectory, files);
      await copyTree(PACKET_LOG_DIRECTORY, `${logDirectory}/dhcp`, files);
    } catch (error) {
      throw targetWriteError(
        `writing the system files of ${plan.bootDrive.drive.devicePath} in ${root}`,
        error,
      );
    }
  },
};

/** The root file-system is not encrypted, so the key can only be hidden from other users. */
async function copyDiskKey(toolsRoot: string, root: string, files: FileSystem): Promise<void> {
  const directory = await makeTargetDirectory(root, "etc", files);
  const key = await files.readFile(`${toolsRoot}${KEY_FILE}`);
  try {
    await files.writeFileAtomic(`${directory}/${KEY_FILE.split("/").at(-1) ?? ""}`, key, { mode: 0o400 });
  } finally {
    key.fill(0);
  }
}

/**
 * Copies regular files and directories, readable by root alone: configuration may hold secrets of the fleet. An absent
 * source is nothing to copy.
 */
async function copyTree(from: string, to: string, files: FileSystem): Promise<void> {
  let names: readonly string[];
  try {
    names = await files.readDirectoryText(from);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return;
    throw error;
  }
  await files.makeDirectory(to, { mode: 0o755, parents: true });
  for (const name of names) {
    const source = `${from}/${name}`;
    const { type } = await files.lstat(source);
    if (type === "directory") await copyTree(source, `${to}/${name}`, files);
    if (type !== "file") continue;
    await files.removeTree(`${to}/${name}`);
    await files.copyContent(source, `${to}/${name}`);
  }
}
