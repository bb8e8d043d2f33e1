import { errnoOf, InstallerError } from "../core/errors.ts";
import type { Step } from "../engine/step.ts";

/** Its modification time is when the initramfs was built; the clock of a new machine may be years behind that. */
const BUILD_TIMESTAMP = "/build-timestamp";

export interface ClockState {
  /** The hardware clock should be set as well, once there is a tool for it. */
  readonly changed: boolean;
}

/** Moves a clock that is behind the build forward to it (spec/lifecycle.md section 2): certificates depend on it. */
export const fixClock: Step<void, ClockState> = {
  id: "fix-clock",
  title: "Check the clock",
  destructive: false,
  async run(_input, { host, log }) {
    const builtSeconds = await readBuildTime(host.files);
    if (builtSeconds === undefined) {
      log.warn(`no ${BUILD_TIMESTAMP}: the clock is taken as it is`);
      return { changed: false };
    }
    const nowMs = host.clock.nowMs();
    if (builtSeconds * 1000 <= nowMs) return { changed: false };
    try {
      await host.clock.setTime(builtSeconds);
    } catch (cause) {
      throw new InstallerError("E_SYSTEM_CALL", `setting the clock to ${formatTime(builtSeconds * 1000)}`, {
        cause,
      });
    }
    log.info(
      `the clock was behind the build of this installer: changed from ${formatTime(nowMs)} to ${formatTime(builtSeconds * 1000)}`,
    );
    return { changed: true };
  },
};

async function readBuildTime(files: {
  stat(path: string): Promise<{ modifiedNs: bigint }>;
}): Promise<number | undefined> {
  try {
    return Number((await files.stat(BUILD_TIMESTAMP)).modifiedNs / 1_000_000_000n);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function formatTime(ms: number): string {
  return new Date(ms).toISOString();
}
