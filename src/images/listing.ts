import { type ByteString, byteStringOf } from "../core/byte-string.ts";
import type { FileTime } from "../system/files.ts";
import { fileTimeOf } from "./inode-time.ts";
import { fileTypeOf, formatMode } from "./mode.ts";
import type { FileSystemTree, Inode } from "./model.ts";
import { countLinks, type TreeEntry, walkTree } from "./tree.ts";

/**
 * One line a path (without line end), depth-first from the root, in the form of the original's image listings
 * (spec/image.md 3.3). Names and link targets are raw bytes; times are UTC.
 */
export function* formatListing(tree: FileSystemTree): Generator<ByteString> {
  const links = countLinks(tree);
  for (const entry of walkTree(tree)) {
    yield formatEntry(entry, entry.number === undefined ? 1 : (links.get(entry.number) ?? 0));
  }
}

function formatEntry({ path, inode }: TreeEntry, linkCount: number): ByteString {
  const columns = [
    formatMode(fileTypeOf(inode) ?? "file", inode.kind === "symlink" ? 0o777 : inode.mode),
    String(linkCount).padStart(3),
    String(inode.uid).padStart(5),
    String(inode.gid).padStart(5),
    formatSize(inode),
    formatTime(inode),
  ];
  return `${columns.join(" ")} ${path}${suffixOf(inode)}` as ByteString;
}

function formatSize(inode: Inode): string {
  if (inode.kind === "regular") return String(inode.sizeBytes).padStart(10);
  if (inode.kind === "computed") return "computed".padStart(10);
  const isDevice = inode.kind === "special" && fileTypeOf(inode) !== "fifo";
  return (isDevice ? `0x${inode.rdev.toString(16)}` : "").padStart(10);
}

function formatTime(inode: Inode): string {
  const hasTime = inode.kind === "regular" || inode.kind === "special";
  return (hasTime ? formatUtc(fileTimeOf(inode)) : "").padEnd(24);
}

function suffixOf(inode: Inode): string {
  if (inode.kind === "regular" && inode.sizeBytes > 0) return ` ${inode.objectId}`;
  if (inode.kind === "symlink") return ` -> ${inode.target}`;
  if (inode.kind === "computed") return ` <- ${byteStringOf(inode.source)}`;
  return "";
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

/** The Gregorian calendar repeats after this many seconds: 400 years. */
const CYCLE_SECONDS = 146_097n * 86_400n;

/** `02 Jan 2006 15:04:05 UTC`; reduced by whole calendar cycles first, because a Date covers fewer years than a mtime. */
function formatUtc({ seconds }: FileTime): string {
  const withinCycle = ((seconds % CYCLE_SECONDS) + CYCLE_SECONDS) % CYCLE_SECONDS;
  const cycles = (seconds - withinCycle) / CYCLE_SECONDS;
  const date = new Date(Number(withinCycle) * 1000);
  const year = BigInt(date.getUTCFullYear()) + 400n * cycles;
  const twoDigits = (value: number): string => String(value).padStart(2, "0");
  const day = `${twoDigits(date.getUTCDate())} ${MONTHS[date.getUTCMonth()]} ${String(year).padStart(4, "0")}`;
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(twoDigits).join(":");
  return `${day} ${clock} UTC`;
}
