import { createHash } from "node:crypto";
import { messageChain } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { FileSystem } from "../../system/files.ts";
import type { Clock } from "../../system/power.ts";
import { type CredentialFiles, type Credentials, canJudge, readCredentials } from "./credentials.ts";

export interface CredentialKeeperOptions {
  readonly files: Pick<FileSystem, "readText">;
  readonly names: CredentialFiles;
  readonly clock: Pick<Clock, "nowMs" | "sleep">;
  readonly log: Logger;
  /** Between two looks at the files. Default 10 s. */
  readonly intervalMs?: number;
}

interface Reading {
  /** Of what the files hold, or of why they cannot be read. */
  readonly digest: string;
  readonly credentials: Credentials;
}

const DEFAULT_INTERVAL_MS = 10_000;

/**
 * Our certificate and the authorities, as the files have them now (spec/auth.md section 5.2 step 8, but when a file
 * changes instead of at half of its life). Files from which less can be made than is in use change nothing: a certificate
 * is often replaced before its key, and a mistake must not lock everybody out.
 */
export class CredentialKeeper {
  readonly #options: CredentialKeeperOptions;
  #used: Reading;
  #seen: string;

  private constructor(options: CredentialKeeperOptions, first: Reading) {
    this.#options = options;
    this.#used = first;
    this.#seen = first.digest;
  }

  /** Reads the files for the first time. What is wrong with them stands in `current()`; nothing is logged. */
  static async open(options: CredentialKeeperOptions): Promise<CredentialKeeper> {
    return new CredentialKeeper(options, await read(options));
  }

  /** The same object, and the same `server` in it, until the files change. */
  current(): Credentials {
    return this.#used.credentials;
  }

  /** Looks at the files again and again; resolves when `signal` is aborted. Never rejects. */
  async watch(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs = DEFAULT_INTERVAL_MS } = this.#options;
    while (!signal.aborted) {
      const isOver = await clock.sleep(intervalMs, signal).then(
        () => false,
        () => true,
      );
      if (isOver) return;
      await this.refresh();
    }
  }

  /** Looks at the files now; logs what comes of it when they have changed. Never rejects. */
  async refresh(): Promise<void> {
    const { log, names } = this.#options;
    const digest = await readDigest(this.#options);
    if (digest === this.#seen) return;
    this.#seen = digest;
    if (digest === this.#used.digest) return;
    const credentials = await readCredentials(this.#options.files, names, this.#options.clock.nowMs());
    const reasons = credentials.problems.map((problem) => messageChain(problem));
    if (isLess(credentials, this.#used.credentials)) {
      log.warn(`certificates have changed, but the old ones stay in use: ${reasons.join("; ")}`);
      return;
    }
    this.#used = { digest, credentials };
    log.info("certificates have changed: new connections use the new ones");
    for (const text of [...reasons, ...credentials.warnings]) log.warn(text);
  }
}

/** The digest first: what changes in between is then noticed the next time. */
async function read(options: CredentialKeeperOptions): Promise<Reading> {
  const digest = await readDigest(options);
  return { digest, credentials: await readCredentials(options.files, options.names, options.clock.nowMs()) };
}

/** Content rather than time stamps, because the clock of a machine that is being installed may jump. */
async function readDigest({ files, names }: CredentialKeeperOptions): Promise<string> {
  const paths = [names.certificateFile, names.keyFile, names.caFile, names.identityCaFile];
  const contents = await Promise.all(
    paths.map((path) => (path === "" ? Promise.resolve("") : files.readText(path).catch(messageChain))),
  );
  return createHash("sha256").update(JSON.stringify(contents)).digest("hex");
}

function isLess(next: Credentials, previous: Credentials): boolean {
  return (
    (previous.client !== undefined && next.client === undefined) ||
    (previous.server !== undefined && next.server === undefined) ||
    (canJudge(previous.server) && !canJudge(next.server))
  );
}
