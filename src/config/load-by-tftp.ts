import type { Logger } from "../core/logger.ts";
import { writeRandomSeed } from "../network/random-seed.ts";
import { readTftpFile } from "../network/tftp/client.ts";
import type { FileSystem } from "../system/files.ts";
import type { Clock } from "../system/power.ts";
import { writeFetchedFiles } from "./store-files.ts";
import { fetchTftpConfiguration } from "./tftp-source.ts";

export interface TftpLoadPorts {
  readonly files: FileSystem;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Fetches the configuration from the TFTP server `host` into `directory`, and stirs its random seed, if it has one, into
 * the kernel's pool (spec/configuration.md 7.3). Rejects with E_CONFIG_FETCH or a system error.
 */
export async function loadConfigurationByTftp(
  host: string,
  directory: string,
  { files, clock, log }: TftpLoadPorts,
  signal: AbortSignal,
): Promise<void> {
  const fetchFile = (name: string, fileSignal: AbortSignal): Promise<Buffer> =>
    readTftpFile({ host, name }, clock, fileSignal);
  const fetched = await fetchTftpConfiguration(fetchFile, log, signal);
  await writeFetchedFiles(files, directory, fetched.files);
  if (fetched.randomSeed === undefined) return;
  await writeRandomSeed(files, fetched.randomSeed);
  log.info(`copied ${fetched.randomSeed.byteLength} bytes of random data`);
}
