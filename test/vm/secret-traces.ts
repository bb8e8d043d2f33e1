import { spawnSync } from "node:child_process";
import { closeSync, openSync, readSync } from "node:fs";

const CHUNK_BYTES = 2 ** 24;

/** The spellings by which a secret of few bytes might get into a text: raw, hexadecimal, base64, lists of numbers. */
export function spellings(secret: Buffer): ReadonlyMap<string, Buffer> {
  const hex = secret.toString("hex");
  const bytes = [...secret];
  const texts: Readonly<Record<string, string>> = {
    hex,
    "upper-case hex": hex.toUpperCase(),
    "spaced hex": hex.replaceAll(/(..)(?=.)/g, "$1 "),
    // What stands before the padding is common to all forms of base64, but for two characters.
    base64: secret.toString("base64").replaceAll("=", ""),
    base64url: secret.toString("base64url"),
    "JSON of a buffer": bytes.join(","),
    "printed array": bytes.join(", "),
  };
  return new Map([
    ["raw", secret],
    ...Object.entries(texts).map(([name, text]): [string, Buffer] => [name, Buffer.from(text)]),
  ]);
}

/** The names of the spellings of `secret` that occur in `content`. */
export function findSecret(secret: Buffer, content: Buffer): readonly string[] {
  return [...spellings(secret)].flatMap(([name, form]) => (content.includes(form) ? [name] : []));
}

/** How often `pattern` occurs in a file of any size. */
export function countInFile(pattern: Buffer, file: string): number {
  const descriptor = openSync(file, "r");
  try {
    const window = Buffer.alloc(CHUNK_BYTES + pattern.length - 1);
    let count = 0;
    let kept = 0;
    for (let bytes = 1; bytes > 0; ) {
      bytes = readSync(descriptor, window, kept, CHUNK_BYTES, null);
      const filled = window.subarray(0, kept + bytes);
      for (let at = filled.indexOf(pattern); at !== -1; at = filled.indexOf(pattern, at + 1)) count++;
      // Too short for another occurrence, long enough for one that lies across the border.
      kept = Math.min(pattern.length - 1, filled.length);
      window.copy(window, 0, filled.length - kept, filled.length);
    }
    return count;
  } finally {
    closeSync(descriptor);
  }
}

/** The content of `path` on the ext4 partition that starts at `startBytes` of a disk image; nothing is mounted. */
export function readFromPartition(image: string, startBytes: number, path: string): Buffer {
  const read = spawnSync("debugfs", ["-R", `cat ${path}`, `${image}?offset=${startBytes}`]);
  if (read.status !== 0 || read.stdout.length === 0)
    throw new Error(`reading ${path} from ${image}: ${String(read.stderr)}`);
  return read.stdout;
}
