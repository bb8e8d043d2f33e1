import { hasCode, InstallerError, messageChain } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { CONFIG_FILE, type FetchedFiles } from "./files.ts";

/** Reads one file of the server; rejects with the codes of `readTftpFile`. */
export type FetchTftpFile = (name: string, signal: AbortSignal) => Promise<Buffer>;

/** What a TFTP server gave: the configuration files and, apart from them, bytes for the kernel's random pool. */
export interface TftpConfiguration {
  readonly files: FetchedFiles;
  readonly randomSeed?: Buffer;
}

const REQUIRED = [
  CONFIG_FILE.machine,
  CONFIG_FILE.imageName,
  CONFIG_FILE.imageServer,
  CONFIG_FILE.storageLayout,
] as const;
const OPTIONAL = [CONFIG_FILE.toolsImageName, CONFIG_FILE.randomSeed] as const;

/**
 * Fetches the configuration by TFTP, all files at once (spec/configuration.md 7.3). An optional file that the server
 * does not have (E_TFTP_NOT_FOUND) is left out; anything else ends the others and rejects with E_CONFIG_FETCH.
 */
export async function fetchTftpConfiguration(
  fetchFile: FetchTftpFile,
  log: Logger,
  signal: AbortSignal,
): Promise<TftpConfiguration> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const fetchOne = async (
    name: string,
    isRequired: boolean,
  ): Promise<readonly [string, Buffer] | undefined> => {
    try {
      log.debug(1, `downloading: ${name}`);
      const content = await fetchFile(name, either);
      log.debug(2, `downloaded: ${name}`);
      return [name, content];
    } catch (error) {
      if (!isRequired && hasCode(error, "E_TFTP_NOT_FOUND")) {
        log.debug(1, `error receiving: ${name}: ${messageChain(error)}`);
        return undefined;
      }
      signal.throwIfAborted();
      stop.abort();
      throw new InstallerError("E_CONFIG_FETCH", `error receiving: ${name}`, { cause: error });
    }
  };
  const transfers = [
    ...REQUIRED.map((name) => fetchOne(name, true)),
    ...OPTIONAL.map((name) => fetchOne(name, false)),
  ];
  try {
    const fetched = await Promise.all(transfers);
    const files = new Map(fetched.filter((entry) => entry !== undefined));
    const randomSeed = files.get(CONFIG_FILE.randomSeed);
    files.delete(CONFIG_FILE.randomSeed);
    return { files, ...(randomSeed === undefined ? {} : { randomSeed }) };
  } finally {
    // Nothing is left running behind the caller's back.
    await Promise.allSettled(transfers);
  }
}
