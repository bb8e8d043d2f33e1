/** A path; a Buffer when its bytes need not be UTF-8 (names that come from an image). */
export type Path = string | Buffer;

export type FileType = "file" | "directory" | "symlink" | "block" | "character" | "fifo" | "socket";

/** What lstat or stat tells; sizes in bytes, times in nanoseconds since 1970. */
export interface FileStatus {
  readonly type: FileType;
  /** Permission bits with set-uid, set-gid and sticky (07777). */
  readonly permissions: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  readonly device: bigint;
  readonly inode: bigint;
  readonly linkCount: number;
  /** st_rdev of a device node. */
  readonly rdev: bigint;
  readonly modifiedNs: bigint;
}

/** A moment with the full range and precision of a Linux time stamp; nanoseconds 0..999999999. */
export interface FileTime {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

export interface SpaceStatus {
  readonly blockSizeBytes: number;
  /** Free bytes, the blocks reserved for root included. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly freeInodes: number;
}

/**
 * Files and device nodes. Every method rejects with the plain system error (`code` is the errno name), so that callers
 * can tell ENOENT from EACCES and add what they were doing. Nothing follows a symbolic link in the last component
 * unless it says so.
 */
export interface FileSystem {
  /** Follows links. Refuses (EFBIG) to read more than `limitBytes` (default 64 MiB). */
  readFile(path: Path, options?: { readonly limitBytes?: number }): Promise<Buffer>;
  readText(path: Path, options?: { readonly limitBytes?: number }): Promise<string>;
  /** The first bytes of a file or device, fewer only at its end. */
  readHead(path: Path, lengthBytes: number): Promise<Buffer>;
  /** Bytes of a file or device from an offset on, fewer only at its end; none beyond it. */
  readAt(path: Path, offsetBytes: number, lengthBytes: number): Promise<Buffer>;
  /** The content in order, in pieces of about 1 MiB. */
  readStream(path: Path): AsyncIterable<Buffer>;
  /**
   * Creates or truncates; `mode` (default 0644) is set regardless of the umask. Up to 16 KiB go in a single write(2), which
   * files that are no files, such as efivarfs variables, insist on.
   */
  writeFile(path: Path, content: string | Uint8Array, options?: { readonly mode?: number }): Promise<void>;
  /** As writeFile, but by temporary name, fsync and rename, then fsync of the directory: the old or the new file, never half of one. */
  writeFileAtomic(
    path: Path,
    content: string | Uint8Array,
    options?: { readonly mode?: number },
  ): Promise<void>;
  /** Creates (or appends to) a file and returns the open handle. */
  openAppend(path: Path, options?: { readonly mode?: number }): Promise<AppendFile>;
  /** Overwrites bytes of an existing file or device at an offset and syncs them. */
  writeAt(path: Path, offsetBytes: number, content: Uint8Array): Promise<void>;
  /** Names of a directory as bytes, sorted byte-wise. */
  readDirectory(path: Path): Promise<readonly Buffer[]>;
  /** As readDirectory for directories whose names are known to be text. */
  readDirectoryText(path: Path): Promise<readonly string[]>;
  /** Follows links. */
  stat(path: Path): Promise<FileStatus>;
  lstat(path: Path): Promise<FileStatus>;
  exists(path: Path): Promise<boolean>;
  readLink(path: Path): Promise<Buffer>;
  realPath(path: string): Promise<string>;
  makeDirectory(path: Path, options?: { readonly mode?: number; readonly parents?: boolean }): Promise<void>;
  /** A new empty directory below `parent` whose name starts with `prefix`, mode 0700. */
  makeTemporaryDirectory(parent: string, prefix: string): Promise<string>;
  makeSymlink(target: Path, path: Path): Promise<void>;
  makeLink(existing: Path, path: Path): Promise<void>;
  /** `mode` holds type bits (character, block, FIFO, socket) and permissions; `rdev` is the 64-bit Linux form. */
  makeNode(path: Path, mode: number, rdev: bigint): Promise<void>;
  rename(from: Path, to: Path): Promise<void>;
  /** Removes a file, link or node. */
  removeFile(path: Path): Promise<void>;
  removeDirectory(path: Path): Promise<void>;
  /** Removes a whole tree without following links and without crossing into another file system; absent is fine. */
  removeTree(path: Path): Promise<void>;
  /** Owner of the entry itself, never of what a link points to. */
  changeOwner(path: Path, uid: number, gid: number): Promise<void>;
  /** Permission bits 07777; follows links (Linux has no other way), so lstat first. */
  changeMode(path: Path, mode: number): Promise<void>;
  /** Access and modification time of the entry itself, exact to the nanosecond, before 1970 and after 2106 as well. */
  changeTimes(path: Path, time: FileTime): Promise<void>;
  /** Copies content in the kernel where it can; creates `to` (0600), which must not exist. */
  copyContent(from: Path, to: Path): Promise<void>;
  space(path: Path): Promise<SpaceStatus>;
  /** Syncs all file-systems. */
  syncAll(): Promise<void>;
  /** Syncs the file-system that holds `path` and reports latent write errors. */
  syncFileSystem(path: Path): Promise<void>;
}

export interface AppendFile extends AsyncDisposable {
  write(text: string): void;
  sizeBytes(): number;
  sync(): Promise<void>;
}
