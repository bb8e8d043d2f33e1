import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Pack, pack } from "tar-stream";
import { formatBytes } from "../../core/byte-size.ts";
import type { StorageEnvironment } from "../environment.ts";
import type { TarHeader } from "./tar-header.ts";
import { type EtcLimits, walkEtc } from "./walk-etc.ts";

/** The name that the original gave it, in the log directories of this machine and of the new system. */
export const OLD_ETC_ARCHIVE = "old-etc.tar.gz";

/** Member of the archive that lists what of `/etc` is not in it, and why. */
const LEFT_OUT_LIST = "old-etc/LEFT-OUT";

const MIB = 2 ** 20;
const LIMITS: EtcLimits = { fileBytes: 4 * MIB, totalBytes: 64 * MIB, members: 50_000, nameBytes: 1024 };

/** Lines of the list of what was left out; the rest is counted. */
const MAX_LISTED = 10_000;

const LONGEST_ARCHIVING_MS = 120_000;

export interface EtcArchiveRequest {
  /** Directory that has `etc` in it. */
  readonly root: string;
  /** An absolute path; the directory is made when absent. */
  readonly archivePath: string;
  readonly limits?: EtcLimits;
}

/**
 * Keeps the `/etc` of an old system as a compressed tar archive (mode 0600) whose members are called `etc/…`, without what
 * looks like a secret (spec/storage.md section 5.4, which took out only names with `key` in them). An archive that is there
 * already stays: it is of the system that an earlier, failed attempt has replaced. Files that cannot be read are left out;
 * rejects with the system error when the archive cannot be written.
 */
export async function archiveEtc(
  { root, archivePath, limits = LIMITS }: EtcArchiveRequest,
  { files, log, signal }: Pick<StorageEnvironment, "files" | "log" | "signal">,
): Promise<void> {
  if (await files.exists(archivePath)) {
    log.info(`keeping ${archivePath} of an earlier attempt`);
    return;
  }
  const leftOut: string[] = [];
  const archive = pack();
  let members = 0;
  let bytes = 0;
  const addMembers = async (): Promise<void> => {
    const deadline = AbortSignal.timeout(LONGEST_ARCHIVING_MS);
    const onLeftOut = (path: string, reason: string): void => {
      leftOut.push(`${formatName(path)}: ${reason}`);
    };
    for await (const { header, content } of walkEtc({ root, files, limits, signal, deadline, onLeftOut })) {
      await addMember(archive, header, content);
      members += 1;
      bytes += content?.byteLength ?? 0;
    }
    await addMember(archive, { name: LEFT_OUT_LIST, type: "file", mode: 0o600 }, formatList(leftOut));
    archive.finalize();
  };
  const [content] = await Promise.all([
    pipeline(archive as AsyncIterable<Buffer>, createGzip(), buffer),
    addMembers().catch((error: unknown) => {
      archive.destroy();
      throw error;
    }),
  ]);
  await files.makeDirectory(archivePath.slice(0, archivePath.lastIndexOf("/")), { parents: true });
  await files.writeFile(archivePath, content, { mode: 0o600 });
  log.info(
    `saved old /etc in ${archivePath}: ${members} entries (${formatBytes(bytes)}), ${leftOut.length} left out (secrets and others, listed in it)`,
  );
}

/** Resolves when the archive has taken the member in. */
async function addMember(archive: Pack, header: TarHeader, content: Buffer | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onTaken = (error?: Error | null): void => {
      if (error) reject(error);
      else resolve();
    };
    if (content === undefined) archive.entry(header, onTaken);
    else archive.entry(header, content, onTaken);
  });
}

/** The disk may be hostile: a name must not forge a second line. */
function formatName(path: string): string {
  return /^[\x20-\x7e]*$/.test(path) ? path : JSON.stringify(path);
}

function formatList(leftOut: readonly string[]): Buffer {
  const rest = leftOut.length > MAX_LISTED ? [`and ${leftOut.length - MAX_LISTED} more`] : [];
  return Buffer.from([...leftOut.slice(0, MAX_LISTED), ...rest].map((line) => `${line}\n`).join(""));
}
