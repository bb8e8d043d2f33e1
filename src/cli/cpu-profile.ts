import { Session } from "node:inspector/promises";

import type { FileSystem } from "../system/files.ts";

/**
 * Starts profiling this process; disposing writes the profile (for Chrome's developer tools) to `path`. Rejects with the
 * system error when the file cannot be made, before anything is profiled.
 */
export async function startCpuProfile(
  path: string,
  files: Pick<FileSystem, "writeFile">,
): Promise<AsyncDisposable> {
  await files.writeFile(path, "");
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.start");
  return {
    [Symbol.asyncDispose]: async () => {
      const { profile } = await session.post("Profiler.stop");
      session.disconnect();
      await files.writeFile(path, JSON.stringify(profile));
    },
  };
}
