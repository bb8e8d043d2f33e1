import { readTftpFile } from "../network/tftp/client.ts";
import type { FileSystem } from "../system/files.ts";
import type { Clock } from "../system/power.ts";
import { MAXIMUM_FILE_BYTES } from "./files.ts";
import { makePatient } from "./patient-fetch.ts";
import { type SeedPorts, stirRandomSeed } from "./random-seed.ts";
import { writeFetchedFiles } from "./store-files.ts";
import { fetchTftpConfiguration } from "./tftp-source.ts";

export interface TftpLoadPorts extends SeedPorts {
  readonly files: FileSystem;
  readonly clock: Clock;
}

/** Servers forget a transfer after about as long. */
const STALL_MS = 20_000;

/**
 * Fetches the configuration from the TFTP server `host` into `directory`, and stirs its random seed, if it has one, into
 * the kernel's pool (spec/configuration.md 7.3). Rejects with E_CONFIG_FETCH or a system error.
 */
export async function loadConfigurationByTftp(
  host: string,
  directory: string,
  ports: TftpLoadPorts,
  signal: AbortSignal,
): Promise<void> {
  const { files, clock, log } = ports;
  const limits = { limitBytes: MAXIMUM_FILE_BYTES, stallMs: STALL_MS };
  const fetchFile = (name: string, fileSignal: AbortSignal): Promise<Buffer> =>
    readTftpFile({ host, name, ...limits }, clock, fileSignal);
  const fetched = await fetchTftpConfiguration(makePatient(fetchFile, log), log, signal);
  await writeFetchedFiles(files, directory, fetched.files);
  if (fetched.randomSeed !== undefined) await stirRandomSeed(ports, fetched.randomSeed);
}
