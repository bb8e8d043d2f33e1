import { writeFetchedFiles } from "../../config/store-files.ts";
import { fetchTftpConfiguration } from "../../config/tftp-source.ts";
import { InstallerError } from "../../core/errors.ts";
import { writeRandomSeed } from "../../network/random-seed.ts";
import { readTftpFile } from "../../network/tftp/client.ts";
import type { CommandContext } from "../command.ts";

/** Fetches the same files as the daemon from `-tftpServerHostname`. */
export async function run({ flags, log, signal, openHost }: CommandContext): Promise<number> {
  const host = flags.tftpServerHostname;
  if (host === "") {
    throw new InstallerError("E_CONFIG_FETCH", "no -tftpServerHostname specified", {
      hint: "name the server: -tftpServerHostname HOST before the command",
    });
  }
  const { clock, files } = await openHost();
  const fetchFile = (name: string, fileSignal: AbortSignal): Promise<Buffer> =>
    readTftpFile({ host, name }, clock, fileSignal);
  const fetched = await fetchTftpConfiguration(fetchFile, log, signal);
  await writeFetchedFiles(files, flags.tftpDirectory, fetched.files);
  if (fetched.randomSeed === undefined) return 0;
  await writeRandomSeed(files, fetched.randomSeed);
  log.info(`copied ${fetched.randomSeed.byteLength} bytes of random data`);
  return 0;
}
