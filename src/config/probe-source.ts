import { hasCode, InstallerError } from "../core/errors.ts";
import { withinTime } from "../network/deadline.ts";
import { withoutCredentials } from "../network/http-get.ts";
import { readTftpFile } from "../network/tftp/client.ts";
import type { Clock } from "../system/power.ts";
import { CONFIG_FILE } from "./files.ts";
import {
  formatConfigurationUrl,
  type HttpConfigurationOptions,
  type HttpConfigurationPorts,
} from "./http-source.ts";

/** A server on the same site answers within milliseconds; five lost packets in a row are no accident. */
const TFTP_STALL_MS = 5000;
/** Name look-up and everything else included. */
const LIMIT_MS = 15_000;

/**
 * Whether the TFTP server `host` has a config.json: asks for it and takes nothing, as the whole of a large file takes
 * longer on a bad line than a probe may. Rejects with the reason when not, or when 15 s are not enough.
 */
export async function probeTftpSource(host: string, clock: Clock, signal: AbortSignal): Promise<void> {
  const request = {
    host,
    name: CONFIG_FILE.machine,
    limitBytes: 0,
    stallMs: TFTP_STALL_MS,
  };
  await withLimit(clock, signal, async (either) => {
    try {
      await readTftpFile(request, clock, either);
    } catch (error) {
      // It began to send, or said how much there is: the answer that was wanted.
      if (!hasCode(error, "E_TFTP_TOO_LARGE")) throw error;
    }
  });
}

/** Whether the web server has a config.json for this machine. Rejects with the reason when not, or after 15 s. */
export async function probeHttpSource(
  options: HttpConfigurationOptions,
  get: HttpConfigurationPorts["get"],
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  await withLimit(clock, signal, async (either) => {
    const answer = await get(formatConfigurationUrl(options, CONFIG_FILE.machine), either);
    if (answer.status !== 200)
      throw new InstallerError(
        "E_CONFIG_FETCH",
        `error getting ${withoutCredentials(options.baseUrl)}: ${answer.status} ${answer.statusText}`.trim(),
      );
  });
}

/** Ends on time even where `operation` does not heed its signal: the look-up of a name cannot be stopped. */
async function withLimit(
  clock: Clock,
  signal: AbortSignal,
  operation: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const result = await withinTime(clock, LIMIT_MS, signal, async (either) => {
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(either.reason);
    either.addEventListener("abort", abort, { once: true });
    try {
      await Promise.race([operation(either), aborted.promise]);
      return "answered" as const;
    } finally {
      either.removeEventListener("abort", abort);
    }
  });
  if (result === undefined)
    throw new InstallerError(
      "E_CONFIG_FETCH",
      `no answer of the configuration server in ${LIMIT_MS / 1000} s`,
    );
}
