import { InstallerError, messageChain } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { type RetryPolicy, retry } from "../core/retry.ts";
import { type HttpAnswer, withoutCredentials } from "../network/http-get.ts";
import { CONFIG_FILE, type FetchedFiles } from "./files.ts";

export interface HttpConfigurationOptions {
  /** `-configurationBaseUrl`. */
  readonly baseUrl: string;
  /** Of every interface; the server finds the machine by them. */
  readonly macAddresses: readonly string[];
  readonly serialNumber?: string;
}

export interface HttpConfigurationPorts {
  /** One attempt, within time and size limits. An InstallerError says that another would not help. */
  readonly get: (url: string, signal: AbortSignal) => Promise<HttpAnswer>;
  readonly log: Logger;
  /** When and how often a failed attempt is repeated; `isTransient` is ours to say. */
  readonly retry?: Pick<RetryPolicy, "attempts" | "firstDelayMs" | "maxDelayMs">;
}

/** Two minutes of pauses: long enough for a cable that is put back, or a server that restarts. */
const DEFAULT_RETRY = { attempts: 20, firstDelayMs: 500, maxDelayMs: 8000 } as const;

/** In the order of the original; the last two are ours (it never asks for them). */
const NAMES = [
  CONFIG_FILE.machine,
  CONFIG_FILE.imageName,
  CONFIG_FILE.storageLayout,
  CONFIG_FILE.imageServer,
  CONFIG_FILE.toolsImageName,
] as const;

/** Answers that mean "there is no such file for this machine"; object stores say 403 for it. */
const ABSENT_STATUS: ReadonlySet<number> = new Set([403, 404, 410]);

/** An answer other than success, kept apart from trouble on the way. */
class HttpStatusError extends Error {
  readonly status: number;

  constructor(status: number, statusText: string) {
    super(`${status} ${statusText}`.trim());
    this.name = "HttpStatusError";
    this.status = status;
  }
}

/**
 * Fetches the configuration from a web server (spec/configuration.md 7.2). Only config.json is required; another file
 * that the server does not have is logged and left out. Rejects with E_CONFIG_FETCH after repeated attempts.
 */
export async function fetchHttpConfiguration(
  options: HttpConfigurationOptions,
  ports: HttpConfigurationPorts,
  signal: AbortSignal,
): Promise<FetchedFiles> {
  const fetched = new Map<string, Buffer>();
  ports.log.info(`fetching the configuration from: ${withoutCredentials(options.baseUrl)}`);
  for (const name of NAMES) {
    try {
      fetched.set(name, await fetchPatiently(name, options, ports, signal));
    } catch (error) {
      signal.throwIfAborted();
      const isAbsent = error instanceof HttpStatusError && ABSENT_STATUS.has(error.status);
      if (name === CONFIG_FILE.machine || !isAbsent)
        throw new InstallerError(
          "E_CONFIG_FETCH",
          `error getting ${withoutCredentials(joinUrl(options.baseUrl, name))}`,
          {
            cause: error,
          },
        );
      ports.log.info(`${name} is not on the server: ${messageChain(error)}`);
    }
  }
  return fetched;
}

/** The address of a file with what the server identifies the machine by. */
export function formatConfigurationUrl(options: HttpConfigurationOptions, name: string): string {
  const serial = options.serialNumber;
  const query = [
    // Colons are legal in a query and stay, as servers may compare the text.
    ...options.macAddresses.map((address) => `mac=${address}`),
    ...(serial === undefined ? [] : [`serial_number=${encodeURIComponent(serial)}`]),
  ].join("&");
  return `${joinUrl(options.baseUrl, name)}${query === "" ? "" : `?${query}`}`;
}

function joinUrl(baseUrl: string, name: string): string {
  return `${baseUrl.replace(/\/$/, "")}/${name}`;
}

function fetchPatiently(
  name: string,
  options: HttpConfigurationOptions,
  ports: HttpConfigurationPorts,
  signal: AbortSignal,
): Promise<Buffer> {
  const policy: RetryPolicy = {
    ...(ports.retry ?? DEFAULT_RETRY),
    isTransient,
    onRetry: (error, _attempt, delayMs) =>
      ports.log.warn(`getting ${name}: ${messageChain(error)}, trying again in ${delayMs} ms`),
  };
  return retry(() => fetchOnce(name, options, ports, signal), policy, signal);
}

async function fetchOnce(
  name: string,
  options: HttpConfigurationOptions,
  ports: HttpConfigurationPorts,
  signal: AbortSignal,
): Promise<Buffer> {
  const { status, statusText, body } = await ports.get(formatConfigurationUrl(options, name), signal);
  if (status !== 200) throw new HttpStatusError(status, statusText);
  return body;
}

/** Overload, restarts and everything on the way; but not a clear no. */
function isTransient(error: unknown): boolean {
  if (error instanceof HttpStatusError) return error.status >= 500 || error.status === 429;
  return !(error instanceof InstallerError);
}
