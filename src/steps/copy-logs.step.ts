import { errnoOf } from "../core/errors.ts";
import type { Step } from "../engine/step.ts";
import { INSTALLER_LOG_DIRECTORY } from "./install-options.ts";

export interface CopyLogsInput {
  readonly mountPoint: string;
  /** Flushes the log and tells where it is; undefined when none is written. */
  readonly syncLog: () => Promise<string | undefined>;
}

/** Copies the log so far into the new system; what is logged later is lost with this machine's memory. */
export const copyLogs: Step<CopyLogsInput, void> = {
  id: "copy-logs",
  title: "Copy the log to the new system",
  destructive: true,
  async run({ mountPoint, syncLog }, { host }) {
    const source = await syncLog();
    if (source === undefined) return;
    const target = `${mountPoint}${INSTALLER_LOG_DIRECTORY}/log`;
    try {
      await host.files.removeFile(target);
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw error;
    }
    await host.files.copyContent(source, target);
    await host.files.changeMode(target, 0o644);
  },
};
