import type { StorageEnvironment } from "../environment.ts";
import type { StoragePlan } from "../plan/plan.ts";
import { renderCrypttab, renderFstab } from "./fstab.ts";
import { makeTargetDirectory } from "./target-path.ts";

/**
 * Replaces the target's fstab, and its crypttab when anything is encrypted (spec/storage.md section 8.7); both go to
 * the log as well. `discardedDrives`: what prepareDrives resolved with. Rejects with E_TARGET_PATH or the system error.
 */
export async function writeMountTables(
  plan: StoragePlan,
  discardedDrives: ReadonlySet<string>,
  targetRoot: string,
  { files, log }: Pick<StorageEnvironment, "files" | "log">,
): Promise<void> {
  const directory = await makeTargetDirectory(targetRoot, "etc", files);
  const fstab = renderFstab(plan, discardedDrives);
  const crypttab = renderCrypttab(plan, discardedDrives);
  log.info(`/etc/fstab:\n${fstab}`);
  await files.writeFileAtomic(`${directory}/fstab`, fstab, { mode: 0o644 });
  if (crypttab === "") return;
  log.info(`/etc/crypttab:\n${crypttab}`);
  await files.writeFileAtomic(`${directory}/crypttab`, crypttab, { mode: 0o644 });
}

/** Tells the target's own update tools which image it was made from (spec/image.md section 11.5). */
export async function writeInitialImageName(
  imageName: string,
  targetRoot: string,
  { files }: Pick<StorageEnvironment, "files">,
): Promise<void> {
  const directory = await makeTargetDirectory(targetRoot, "var/lib", files);
  await files.writeFileAtomic(`${directory}/initial-image`, `${imageName}\n`, { mode: 0o644 });
}
