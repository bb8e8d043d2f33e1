import { loadConfigurationByTftp } from "../../config/load-by-tftp.ts";
import { InstallerError } from "../../core/errors.ts";
import type { CommandContext } from "../command.ts";

/** Fetches the same files as the daemon from `-tftpServerHostname`. */
export async function run({ flags, log, signal, openHost }: CommandContext): Promise<number> {
  if (flags.tftpServerHostname === "") {
    throw new InstallerError("E_CONFIG_FETCH", "no -tftpServerHostname specified", {
      hint: "name the server: -tftpServerHostname HOST before the command",
    });
  }
  const { clock, files, randomPool } = await openHost();
  const ports = { files, clock, randomPool, log };
  await loadConfigurationByTftp(flags.tftpServerHostname, flags.tftpDirectory, ports, signal);
  return 0;
}
