import { formatBytes } from "../../core/byte-size.ts";
import {
  type ByteString,
  byteStringFromBytes,
  byteStringOf,
  bytesOf,
  displayOf,
} from "../../core/byte-string.ts";
import { errnoOf, messageChain } from "../../core/errors.ts";
import type { FileStatus, FileSystem } from "../../system/files.ts";
import { secretContentReason } from "./secret-content.ts";
import { secretPathReason } from "./secret-path.ts";
import { makeTarHeader, type TarHeader } from "./tar-header.ts";

/** Bounds on what is kept: an old disk may hold anything, and the archive is in memory until the end. */
export interface EtcLimits {
  readonly fileBytes: number;
  readonly totalBytes: number;
  readonly members: number;
  readonly nameBytes: number;
}

export interface EtcWalk {
  /** Directory that has `etc` in it. */
  readonly root: string;
  readonly files: Pick<FileSystem, "lstat" | "readDirectory" | "readFile" | "readLink">;
  readonly limits: EtcLimits;
  readonly signal: AbortSignal;
  /** Aborted when it has taken long enough: what was not reached is left out. */
  readonly deadline: AbortSignal;
  /** Told what is not kept, and why. */
  readonly onLeftOut: (path: string, reason: string) => void;
}

export interface EtcMember {
  readonly header: TarHeader;
  readonly content: Buffer | undefined;
}

/**
 * The members of an archive of `/etc`, directories before what is in them, names in byte order. Links are never followed;
 * devices, sockets and pipes, secrets, and what cannot be read or is too much are left out. Rejects only when aborted.
 */
export async function* walkEtc(walk: EtcWalk): AsyncGenerator<EtcMember> {
  const { limits, signal, deadline, onLeftOut } = walk;
  const pending = [byteStringOf("etc")];
  let members = 0;
  let remainingBytes = limits.totalBytes;
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    signal.throwIfAborted();
    if (deadline.aborted || members >= limits.members) {
      onLeftOut(
        displayOf(path),
        deadline.aborted
          ? "the disk is too slow: the rest is missing"
          : "too many files: the rest is missing",
      );
      return;
    }
    const member = await readOrReason(async () => readMember(path, walk, remainingBytes));
    if (typeof member === "string") {
      onLeftOut(displayOf(path), member);
      continue;
    }
    members += 1;
    remainingBytes -= member.content?.byteLength ?? 0;
    yield member;
    if (member.header.type !== "directory") continue;
    const names = await readOrReason(async () => walk.files.readDirectory(placeOf(path, walk)));
    if (typeof names === "string") onLeftOut(displayOf(path), `its names: ${names}`);
    else pending.push(...names.map((name) => join(path, byteStringFromBytes(name))).toReversed());
  }
}

/** The member, or why it is left out; rejects when it cannot be read. */
async function readMember(
  path: ByteString,
  walk: EtcWalk,
  remainingBytes: number,
): Promise<EtcMember | string> {
  const { files, limits } = walk;
  const name = displayOf(path);
  // Extended headers hold UTF-8 only.
  if (byteStringOf(name) !== path) return "its name is not UTF-8";
  if (path.length > limits.nameBytes) return "its name is too long";
  const secret = secretPathReason(name);
  if (secret !== undefined) return `secret by its name: ${secret}`;
  const place = placeOf(path, walk);
  const status = await files.lstat(place);
  switch (status.type) {
    case "directory":
      return { header: makeTarHeader(name, "directory", status), content: undefined };
    case "symlink":
      return readLinkMember(name, status, await files.readLink(place));
    case "file":
      return readFileMember(name, status, walk, remainingBytes);
    case "block":
    case "character":
      return "is a device";
    case "fifo":
    case "socket":
      return `is a ${status.type}`;
  }
}

function readLinkMember(name: string, status: FileStatus, target: Buffer): EtcMember | string {
  const text = target.toString("utf8");
  if (text === "" || !Buffer.from(text).equals(target)) return "its target is no UTF-8 text";
  return { header: makeTarHeader(name, "symlink", status, text), content: undefined };
}

async function readFileMember(
  name: string,
  status: FileStatus,
  walk: EtcWalk,
  remainingBytes: number,
): Promise<EtcMember | string> {
  const { files, limits } = walk;
  if (status.sizeBytes > limits.fileBytes) return `is larger than ${formatBytes(limits.fileBytes)}`;
  if (status.sizeBytes > remainingBytes) return "the archive is full";
  const content = await files.readFile(placeOf(byteStringOf(name), walk), { limitBytes: status.sizeBytes });
  const secret = secretContentReason(content);
  return secret ?? { header: makeTarHeader(name, "file", status), content };
}

async function readOrReason<T>(read: () => Promise<T>): Promise<T | string> {
  try {
    return await read();
  } catch (error) {
    return `cannot be read: ${nameOf(error)}`;
  }
}

/** Node does not know the errno of a damaged file-system (EUCLEAN, 117 on Linux). */
function nameOf(error: unknown): string {
  const isDamage = error instanceof Error && (error as NodeJS.ErrnoException).errno === -117;
  return isDamage ? "EUCLEAN" : (errnoOf(error) ?? messageChain(error));
}

function placeOf(path: ByteString, { root }: EtcWalk): Buffer {
  return bytesOf(join(byteStringOf(root), path));
}

function join(directory: ByteString, name: ByteString): ByteString {
  return `${directory}/${name}` as ByteString;
}
