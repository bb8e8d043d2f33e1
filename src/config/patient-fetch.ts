import { errnoOf, hasCode, InstallerError, messageChain } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { type RetryPolicy, retry } from "../core/retry.ts";
import type { FetchTftpFile } from "./tftp-source.ts";

/** With 20 s without progress for each attempt more than two minutes: a cable that was pulled is back by then. */
const DEFAULT_RETRY = { attempts: 6, firstDelayMs: 1000, maxDelayMs: 8000 } as const;

/** Repeats what fails on the way, or because the server forgot the transfer; not what the server answers clearly. */
export function makePatient(
  fetchFile: FetchTftpFile,
  log: Logger,
  policy: Pick<RetryPolicy, "attempts" | "firstDelayMs" | "maxDelayMs"> = DEFAULT_RETRY,
): FetchTftpFile {
  return (name, signal) => {
    const onRetry: RetryPolicy["onRetry"] = (error, _attempt, delayMs) =>
      log.warn(`${messageChain(error)}, trying again in ${delayMs / 1000} s`);
    return retry(() => fetchFile(name, signal), { ...policy, isTransient, onRetry }, signal);
  };
}

function isTransient(error: unknown): boolean {
  if (hasCode(error, "E_TFTP_TIMEOUT", "E_TFTP_SERVER", "E_NAME_LOOKUP")) return true;
  return !(error instanceof InstallerError) && errnoOf(error) !== undefined;
}
