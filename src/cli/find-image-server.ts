import { CONFIG_FILE } from "../config/files.ts";
import { parseServerAddress, type ServerAddress } from "../config/server-address.ts";
import { errnoOf, InstallerError } from "../core/errors.ts";
import type { FileSystem } from "../system/files.ts";
import type { Flags } from "./flags/installer-flags.ts";

/** The image server of the flags, else of the configuration file `imageserver`. Rejects with E_CONFIG_MISSING. */
export async function findImageServer(
  flags: Pick<Flags, "imageServerHostname" | "imageServerPortNum" | "tftpDirectory">,
  files: Pick<FileSystem, "readText">,
): Promise<ServerAddress> {
  if (flags.imageServerHostname !== "")
    return { host: flags.imageServerHostname, port: flags.imageServerPortNum };
  const path = `${flags.tftpDirectory}/${CONFIG_FILE.imageServer}`;
  try {
    return parseServerAddress(path, (await files.readText(path)).trim());
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
    throw new InstallerError("E_CONFIG_MISSING", `finding the image server: there is no ${path}`, {
      hint: "name it with -imageServerHostname",
      cause: error,
    });
  }
}
