import type { Step } from "../engine/step.ts";
import { OLD_ETC_ARCHIVE } from "../storage/oldroot/etc-archive.ts";
import type { FileSystem } from "../system/files.ts";
import { INSTALLER_LOG_DIRECTORY } from "./install-options.ts";

export interface CopyLogsInput {
  readonly mountPoint: string;
  /** Flushes the log and tells where it is; undefined when none is written. */
  readonly syncLog: () => Promise<string | undefined>;
}

/**
 * Copies what was kept of the old system and the log so far into the new system; what is logged later is lost with this
 * machine's memory.
 */
export const copyLogs: Step<CopyLogsInput, void> = {
  id: "copy-logs",
  title: "Copy the log to the new system",
  destructive: true,
  async run({ mountPoint, syncLog }, { host: { files } }) {
    const directory = `${mountPoint}${INSTALLER_LOG_DIRECTORY}`;
    const oldEtc = `${INSTALLER_LOG_DIRECTORY}/${OLD_ETC_ARCHIVE}`;
    // Readable by root alone: what looks like a secret was left out, but looks can deceive.
    if (await files.exists(oldEtc)) await copyFile(oldEtc, `${directory}/${OLD_ETC_ARCHIVE}`, 0o600, files);
    const log = await syncLog();
    if (log !== undefined) await copyFile(log, `${directory}/log`, 0o644, files);
  },
};

/** Replaces whatever the image has there. */
async function copyFile(from: string, to: string, mode: number, files: FileSystem): Promise<void> {
  await files.removeTree(to);
  await files.copyContent(from, to);
  await files.changeMode(to, mode);
}
