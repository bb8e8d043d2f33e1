import { InstallerError } from "../core/errors.ts";

interface EntryBase {
  /** Relative to the root of the archive, without `.` or `..` (`etc/passwd`). */
  readonly path: string;
  /** Permission bits with set-uid, set-gid and sticky (07777). */
  readonly permissions: number;
  /** Seconds since 1970; default 0. */
  readonly modifiedSeconds?: number;
}

/** One file of an archive; everything belongs to root. */
export type CpioEntry =
  | (EntryBase & { readonly type: "directory" })
  | (EntryBase & { readonly type: "file"; readonly content: Uint8Array })
  | (EntryBase & { readonly type: "symlink"; readonly target: string })
  | (EntryBase & { readonly type: "character" | "block"; readonly major: number; readonly minor: number });

const TYPE_BITS = {
  directory: 0o040000,
  file: 0o100000,
  symlink: 0o120000,
  character: 0o020000,
  block: 0o060000,
} as const satisfies Record<CpioEntry["type"], number>;

const MAXIMUM_NAME_BYTES = 4095; // PATH_MAX of the kernel's unpacker, less the final NUL
const TRAILER = "TRAILER!!!";

/**
 * The archive in the kernel's initramfs format ("newc", Documentation/driver-api/early-userspace/buffer-format.rst),
 * piece by piece. Directories must come before what they contain, as the kernel makes no parents. Throws
 * E_ARCHIVE_ENTRY for what the format or the kernel cannot represent.
 */
export function* renderCpio(entries: Iterable<CpioEntry>): Generator<Uint8Array> {
  const directories = new Set<string>([""]);
  const seen = new Set<string>();
  let inode = 1;
  for (const entry of entries) {
    checkPath(entry.path, directories, seen);
    if (entry.type === "directory") directories.add(entry.path);
    seen.add(entry.path);
    yield* renderEntry(entry, inode++);
  }
  yield renderHeader({ name: TRAILER, mode: 0, inode: 0, sizeBytes: 0, links: 1 });
}

function checkPath(path: string, directories: ReadonlySet<string>, seen: ReadonlySet<string>): void {
  const parts = path.split("/");
  if (path.includes("\0") || parts.some((part) => part === "" || part === "." || part === "..")) {
    throw unfit(path, "its path is not a plain relative one");
  }
  if (Buffer.byteLength(path) > MAXIMUM_NAME_BYTES) throw unfit(path, "its path is too long");
  if (path === TRAILER) throw unfit(path, "this name ends an archive");
  if (seen.has(path)) throw unfit(path, "the archive already contains it");
  if (!directories.has(parts.slice(0, -1).join("/")))
    throw unfit(path, "its directory does not come before it");
}

function unfit(path: string, reason: string): InstallerError {
  return new InstallerError("E_ARCHIVE_ENTRY", `adding ${JSON.stringify(path)} to a cpio archive: ${reason}`);
}

function* renderEntry(entry: CpioEntry, inode: number): Generator<Uint8Array> {
  const content = contentOf(entry);
  checkRange(entry.path, "permissions", entry.permissions, 0o7777);
  yield renderHeader({
    name: entry.path,
    mode: TYPE_BITS[entry.type] | entry.permissions,
    inode,
    links: entry.type === "directory" ? 2 : 1,
    modifiedSeconds: checkRange(entry.path, "modification time", entry.modifiedSeconds ?? 0, 0xffffffff),
    sizeBytes: checkRange(entry.path, "size", content.byteLength, 0xffffffff),
    ...deviceOf(entry),
  });
  yield content;
  yield Buffer.alloc(paddingOf(content.byteLength));
}

function contentOf(entry: CpioEntry): Uint8Array {
  if (entry.type === "file") return entry.content;
  if (entry.type !== "symlink") return new Uint8Array();
  if (entry.target === "" || entry.target.includes("\0")) throw unfit(entry.path, "its target is not a path");
  return Buffer.from(entry.target);
}

function deviceOf(entry: CpioEntry): { major?: number; minor?: number } {
  if (entry.type !== "character" && entry.type !== "block") return {};
  return {
    major: checkRange(entry.path, "major number", entry.major, 0xfff),
    minor: checkRange(entry.path, "minor number", entry.minor, 0xfffff),
  };
}

function checkRange(path: string, what: string, value: number, maximum: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= maximum) return value;
  throw unfit(path, `its ${what} ${value} is not within 0..${maximum}`);
}

interface Header {
  readonly name: string;
  readonly mode: number;
  readonly inode: number;
  readonly links: number;
  readonly sizeBytes: number;
  readonly modifiedSeconds?: number;
  readonly major?: number;
  readonly minor?: number;
}

function renderHeader(header: Header): Buffer {
  const name = Buffer.from(`${header.name}\0`);
  const fields = [
    header.inode,
    header.mode,
    0, // uid
    0, // gid
    header.links,
    header.modifiedSeconds ?? 0,
    header.sizeBytes,
    0, // major and minor of the device that holds the file
    0,
    header.major ?? 0,
    header.minor ?? 0,
    name.byteLength,
    0, // checksum, not used by this variant
  ];
  const numbers = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`);
  return Buffer.concat([numbers, name, Buffer.alloc(paddingOf(numbers.byteLength + name.byteLength))]);
}

/** Headers with names, and contents, each end on a multiple of four. */
function paddingOf(lengthBytes: number): number {
  return -lengthBytes & 3;
}
