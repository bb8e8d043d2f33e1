import type { Header } from "tar-stream";
import type { FileStatus } from "../../system/files.ts";

/** A member of an archive, with what only an extended header can say. */
export type TarHeader = Partial<Header> & {
  readonly name: string;
  readonly type: "file" | "directory" | "symlink";
};

/** The largest numbers that tar-stream puts into the octal fields of a header (POSIX pax, ustar). */
const MAX_ID = 0o777777;
const MAX_SECONDS = 2 ** 31 - 1;

/** st_mode's type bits; they do not reach the archive, but tar-stream takes mode 0 for "not given" and makes it 0644. */
const REGULAR_FILE = 0o100000;

/** The header of a file, directory or link with this status; `name` is relative, without a slash at its end. */
export function makeTarHeader(
  name: string,
  type: TarHeader["type"],
  { permissions, uid, gid, modifiedNs }: FileStatus,
  linkTarget?: string,
): TarHeader {
  const seconds = Number(modifiedNs / 1_000_000_000n);
  const isDateable = seconds >= 0 && seconds <= MAX_SECONDS;
  const pax: Record<string, string> = {};
  if (uid > MAX_ID) pax["uid"] = String(uid);
  if (gid > MAX_ID) pax["gid"] = String(gid);
  if (!isDateable) pax["mtime"] = String(seconds);
  return {
    name: type === "directory" ? `${name}/` : name,
    type,
    mode: REGULAR_FILE | permissions,
    uid: Math.min(uid, MAX_ID),
    gid: Math.min(gid, MAX_ID),
    mtime: new Date((isDateable ? seconds : 0) * 1000),
    ...(linkTarget === undefined ? {} : { linkname: linkTarget }),
    ...(Object.keys(pax).length === 0 ? {} : { pax }),
  };
}
