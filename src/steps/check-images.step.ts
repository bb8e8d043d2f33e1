import { formatBytes } from "../core/byte-size.ts";
import { InstallerError } from "../core/errors.ts";
import type { Step } from "../engine/step.ts";
import { findObstacle, hasProgram, lookUp } from "../images/look-up.ts";
import type { FileSystemTree } from "../images/model.ts";
import { usageByPlace } from "../images/usage-by-place.ts";
import { planCommands } from "../storage/make/planned-commands.ts";
import { type StoragePlan, volumesOf } from "../storage/plan/plan.ts";
import { checkVolumeHolds } from "../storage/plan/volume-fit.ts";
import { planCopiedMounts, planEarlyMounts } from "../storage/target/mount-target.ts";
import type { FetchedImages } from "./fetch-image-metadata.step.ts";

export interface CheckImagesInput {
  readonly plan: StoragePlan;
  readonly images: Pick<FetchedImages, "target" | "tools">;
}

/** Where programs are found inside an image (src/system/node/find-program.ts). */
const PROGRAM_DIRECTORIES = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** Run by this system itself, before there is a tools root. */
const OWN_PROGRAMS = new Set(["blkdiscard"]);

const GRUB_INSTALLERS = ["grub-install", "grub2-install"];
const GRUB_MODULES = "/usr/lib/grub";

/** Directories of the target that the installer works in, besides the mount points. */
const WORKING_DIRECTORIES = ["/dev", "/proc", "/sys", "/tmp", "/etc", "/var/lib", "/var/log/installer"];

/**
 * Finds out from the metadata of the images, before anything is downloaded or erased, what would otherwise stop the
 * installation half-way: programs that are missing, links in the place of mount points, content that does not fit.
 * Rejects with E_IMAGE_LACKS, E_TARGET_PATH, E_LAYOUT_SIZE or E_LAYOUT_INODES.
 */
export const checkImages: Step<CheckImagesInput, void> = {
  id: "check-images",
  title: "Check the images against the plan",
  destructive: false,
  async run({ plan, images }) {
    checkTools(plan, images.tools.name, images.tools.tree);
    checkBootLoader(plan, images.target.name, images.target.tree);
    checkPlaces(plan, images.target.name, images.target.tree);
    checkRoom(plan, images.target.tree);
  },
};

function checkTools(plan: StoragePlan, name: string, tree: FileSystemTree): void {
  for (const { command, purpose } of planCommands(plan)) {
    const { program } = command;
    if (OWN_PROGRAMS.has(program) || hasProgram(tree, program, PROGRAM_DIRECTORIES)) continue;
    throw new InstallerError("E_IMAGE_LACKS", `the tools image ${name} has no ${program} to ${purpose}`);
  }
}

function checkBootLoader({ firmware }: StoragePlan, name: string, tree: FileSystemTree): void {
  if (!GRUB_INSTALLERS.some((program) => hasProgram(tree, program, PROGRAM_DIRECTORIES)))
    throw new InstallerError("E_IMAGE_LACKS", `the image ${name} has no ${GRUB_INSTALLERS.join(" or ")}`);
  const platform = grubPlatform(firmware);
  // An image that keeps the modules elsewhere knows where.
  if (lookUp(tree, GRUB_MODULES)?.kind !== "directory") return;
  if (lookUp(tree, `${GRUB_MODULES}/${platform}`)?.kind !== "directory")
    throw new InstallerError("E_IMAGE_LACKS", `the image ${name} has no ${GRUB_MODULES}/${platform}`);
}

function grubPlatform(firmware: StoragePlan["firmware"]): string {
  if (firmware === "bios") return "i386-pc";
  return process.arch === "arm64" ? "arm64-efi" : "x86_64-efi";
}

/** The target's files come from the network: a link on the way would lead out of it, and is refused while mounting. */
function checkPlaces(plan: StoragePlan, name: string, tree: FileSystemTree): void {
  const mountPoints = volumesOf(plan).map(({ fileSystem }) => fileSystem.mountPoint);
  for (const path of [...mountPoints.filter((each) => each.startsWith("/")), ...WORKING_DIRECTORIES]) {
    const obstacle = findObstacle(tree, path);
    if (obstacle !== undefined)
      throw new InstallerError(
        "E_TARGET_PATH",
        `planning directory ${path}: the image ${name} has a ${obstacle.kind} at ${obstacle.path}`,
      );
  }
}

/** The root has been checked by the planner, as if all of the image lay on it. */
function checkRoom(plan: StoragePlan, tree: FileSystemTree): void {
  const volumes = [...planEarlyMounts(plan), ...planCopiedMounts(plan)];
  const usage = usageByPlace(
    tree,
    volumes.map(({ fileSystem }) => fileSystem.mountPoint),
  );
  const { logicalSectorBytes } = plan.bootDrive.drive;
  for (const volume of volumes) {
    const { mountPoint } = volume.fileSystem;
    const needed = usage.get(mountPoint);
    if (mountPoint === "/" || needed === undefined) continue;
    checkVolumeHolds(volume, logicalSectorBytes, needed, `${mountPoint} (${formatBytes(volume.sizeBytes)})`);
  }
}
