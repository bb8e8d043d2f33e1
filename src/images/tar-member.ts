import type { Header } from "tar-stream";
import { type ByteString, byteStringOf, displayOf } from "../core/byte-string.ts";
import { InstallerError } from "../core/errors.ts";
import type { FileTime } from "../system/files.ts";

/** A header as tar-stream hands it out, names in latin1 except those in `pax`. */
export type MemberHeader = Omit<Partial<Header>, "size" | "type" | "linkname" | "pax"> & {
  readonly name: string;
  /** Null when it is malformed. */
  readonly size?: number | null;
  /** Null for kinds that the library does not know. */
  readonly type?: string | null;
  readonly linkname?: string | null;
  readonly pax?: Readonly<Record<string, string>> | null;
};

/** One member of a tar archive, checked. */
export interface TarMember {
  /** Absolute, without `.`, `..` and doubled slashes. */
  readonly path: ByteString;
  readonly type: "file" | "directory" | "symlink" | "hard-link" | "character" | "block" | "fifo";
  readonly permissions: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  readonly time: FileTime;
  /** As stored; the empty string when the member is no link. */
  readonly linkTarget: ByteString;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
}

const MEMBER_TYPES: Readonly<Record<string, TarMember["type"]>> = {
  file: "file",
  "contiguous-file": "file",
  directory: "directory",
  symlink: "symlink",
  link: "hard-link",
  "character-device": "character",
  "block-device": "block",
  fifo: "fifo",
};

/** What a header says, pax records included. Throws E_IMAGE_SCAN. */
export function parseMember(header: MemberHeader): TarMember {
  const name = readName(header.name, header.pax?.["path"]);
  const type = MEMBER_TYPES[header.type ?? ""];
  if (type === undefined) throw memberError(name, "a kind of member that an image cannot hold");
  return {
    path: normalizeMemberPath(name),
    type,
    permissions: readNumber(name, "mode", header.mode) & 0o7777,
    uid: readNumber(name, "owner", header.pax?.["uid"] ?? header.uid),
    gid: readNumber(name, "group", header.pax?.["gid"] ?? header.gid),
    sizeBytes: readNumber(name, "size", header.size),
    time: readTime(name, header),
    linkTarget: readName(header.linkname ?? "", header.pax?.["linkpath"]),
    deviceMajor: readNumber(name, "device", header.devmajor),
    deviceMinor: readNumber(name, "device", header.devminor),
  };
}

/** `./a//b/` is `/a/b`. Throws E_IMAGE_SCAN for `..`, which could name something outside. */
export function normalizeMemberPath(name: ByteString): ByteString {
  const components = name.split("/").filter((component) => component !== "" && component !== ".");
  if (components.includes("..")) throw memberError(name, "a name with ..");
  return `/${components.join("/")}` as ByteString;
}

/** The member called `name` cannot become part of an image. */
export function memberError(name: ByteString, reason: string): InstallerError {
  return new InstallerError("E_IMAGE_SCAN", `member ${JSON.stringify(displayOf(name))}: ${reason}`);
}

function readName(name: string, paxName: string | undefined): ByteString {
  if (paxName === undefined || paxName === "") return name as ByteString;
  // The library has decoded it already; what was not UTF-8 is lost.
  if (paxName.includes("\ufffd")) throw memberError(byteStringOf(paxName), "a pax name that is not UTF-8");
  return byteStringOf(paxName);
}

function readNumber(name: ByteString, what: string, value: string | number | null | undefined): number {
  const number = Number(value ?? 0);
  // The library reads a malformed base-256 number as null, and would wait forever for that many bytes.
  if (value === null || !Number.isSafeInteger(number) || number < 0)
    throw memberError(name, `impossible ${what} ${value}`);
  return number;
}

const PAX_TIME = /^(-?)(\d{1,15})(?:\.(\d+))?$/;

function readTime(name: ByteString, { mtime, pax }: MemberHeader): FileTime {
  const paxTime = pax?.["mtime"];
  if (paxTime !== undefined) return parsePaxTime(name, paxTime);
  const seconds = (mtime?.getTime() ?? 0) / 1000;
  if (!Number.isSafeInteger(seconds)) throw memberError(name, "unreadable time");
  // Only base-256 numbers can be negative, and tar-stream 3.2 reads those one too high (it takes the complement only).
  return { seconds: BigInt(seconds < 0 ? seconds - 1 : seconds), nanoseconds: 0 };
}

function parsePaxTime(name: ByteString, text: string): FileTime {
  const match = PAX_TIME.exec(text);
  if (match === null) throw memberError(name, `unreadable time ${text}`);
  const [, sign, whole = "0", fraction = ""] = match;
  const seconds = BigInt(whole);
  const nanoseconds = Number(fraction.slice(0, 9).padEnd(9, "0"));
  if (sign === "") return { seconds, nanoseconds };
  return nanoseconds === 0
    ? { seconds: -seconds, nanoseconds }
    : { seconds: -seconds - 1n, nanoseconds: 1_000_000_000 - nanoseconds };
}
