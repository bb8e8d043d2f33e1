import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { extract } from "tar-stream";
import { InstallerError } from "../core/errors.ts";
import type { ObjectImporter } from "../objectcache/object-store.ts";
import type { FileSystem } from "../system/files.ts";
import type { Filter } from "./filter.ts";
import type { FileSystemTree } from "./model.ts";
import { type MemberHeader, parseMember } from "./tar-member.ts";
import { TarTreeBuilder } from "./tar-tree-builder.ts";
import { validateTree } from "./validate-tree.ts";

export interface ScanTarRequest {
  /** A .tar, or .tar.gz by its first bytes whatever its name. */
  readonly archive: string;
  readonly files: FileSystem;
  /** Takes the content of every file. */
  readonly objects: ObjectImporter;
  readonly filter?: Filter;
  readonly signal: AbortSignal;
  /** Files whose content was taken, and their bytes, from the beginning. */
  readonly onProgress?: (files: number, bytes: number) => void;
}

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/**
 * Makes the tree of an image from a tar archive (spec/image.md 9): parents come before their children, hard links
 * after the file they name, inode numbers are 1, 2, ... Throws E_IMAGE_SCAN naming the archive or the member.
 */
export async function scanTar(request: ScanTarRequest): Promise<FileSystemTree> {
  try {
    const tree = await readArchive(request);
    validateTree(tree);
    return tree;
  } catch (error) {
    if (error instanceof InstallerError || request.signal.aborted) throw error;
    throw new InstallerError("E_IMAGE_SCAN", `reading ${request.archive}`, { cause: error });
  }
}

async function readArchive(request: ScanTarRequest): Promise<FileSystemTree> {
  const { archive, objects, filter, signal, onProgress } = request;
  const builder = new TarTreeBuilder(filter);
  let takenFiles = 0;
  let takenBytes = 0;
  for await (const entry of await openArchive(request)) {
    signal.throwIfAborted();
    const member = parseMember(entry.header);
    const isTaken = builder.accepts(member);
    if (isTaken && member.type === "file" && member.sizeBytes > 0) {
      const content = await objects.add(entry);
      builder.addFile(member, content);
      takenFiles += 1;
      takenBytes += content.sizeBytes;
      onProgress?.(takenFiles, takenBytes);
    } else {
      if (isTaken) builder.add(member);
      entry.resume();
    }
  }
  const tree = builder.finish();
  if (tree.inodes.size === 0)
    throw new InstallerError("E_IMAGE_SCAN", `reading ${archive}: the archive is empty`);
  return tree;
}

/** One member; its content must be read to the end before the next is asked for. */
interface ArchiveMember extends AsyncIterable<Uint8Array> {
  readonly header: MemberHeader;
  /** Throws the content away. */
  resume(): void;
}

async function openArchive({ archive, files }: ScanTarRequest): Promise<AsyncIterable<ArchiveMember>> {
  const isCompressed = (await files.readHead(archive, GZIP_MAGIC.byteLength)).equals(GZIP_MAGIC);
  // Names are bytes: latin1 keeps each of them as one character. (The option is missing in the library's types, and
  // its streams are not declared as what they are, Node streams.)
  const members = extract({ filenameEncoding: "latin1" } as Parameters<typeof extract>[0]);
  const sink = members as unknown as NodeJS.WritableStream;
  const content = Readable.from(files.readStream(archive));
  // Errors reach the reader of the members: the pipeline destroys the last stream with them.
  const onEnd = (): void => undefined;
  if (isCompressed) pipeline(content, createGunzip(), sink, onEnd);
  else pipeline(content, sink, onEnd);
  return members as unknown as AsyncIterable<ArchiveMember>;
}
