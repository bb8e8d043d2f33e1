import { type ByteString, byteStringFromBytes, byteStringOf, bytesOf } from "../core/byte-string.ts";
import type { FileStatus, FileSystem } from "../system/files.ts";

export interface WalkedFile {
  readonly path: ByteString;
  readonly status: FileStatus;
}

export interface WalkRequest {
  readonly root: string;
  readonly files: Pick<FileSystem, "lstat" | "readDirectory">;
  readonly signal: AbortSignal;
  /** Directories for which this is false are yielded and not entered; default: all on the root's file-system. */
  readonly isEntered?: (directory: WalkedFile) => boolean;
  /** Told what could not be read; default: the error ends the walk. */
  readonly onProblem?: (path: ByteString, error: unknown) => void;
}

/** Everything below `root` (not itself), links not followed; other file-systems' roots are yielded and not entered. */
export async function* walkDirectory(request: WalkRequest): AsyncGenerator<WalkedFile> {
  const { files, signal, isEntered = () => true, onProblem = rethrow } = request;
  const { device } = await files.lstat(request.root);
  const pending = [byteStringOf(request.root)];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    const names = await orProblem(directory, files.readDirectory(bytesOf(directory)), onProblem);
    for (const name of names ?? []) {
      signal.throwIfAborted();
      const path = `${directory === "/" ? "" : directory}/${byteStringFromBytes(name)}` as ByteString;
      const status = await orProblem(path, files.lstat(bytesOf(path)), onProblem);
      if (status === undefined) continue;
      const walked = { path, status };
      yield walked;
      if (status.type === "directory" && status.device === device && isEntered(walked)) pending.push(path);
    }
  }
}

async function orProblem<T>(
  path: ByteString,
  operation: Promise<T>,
  onProblem: (path: ByteString, error: unknown) => void,
): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    onProblem(path, error);
    return undefined;
  }
}

function rethrow(_path: ByteString, error: unknown): never {
  throw error;
}
