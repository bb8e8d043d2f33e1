import { encodeCString } from "./structures.ts";

const POINTER_BYTES = 8;
/** sigset_t of glibc; the kernel and musl use the start of it. */
const SIGNAL_SET_BYTES = 128;
const SIGNALS = 64;

/**
 * A `char *[]` with its final NULL, as argv and envp are, the strings behind it in the same buffer, so that one
 * reference keeps all of them alive. `addressOf` tells where a buffer is in memory.
 */
export function encodeStringTable(texts: readonly string[], addressOf: (buffer: Buffer) => bigint): Buffer {
  const strings = texts.map((text) => encodeCString(text, "posix_spawn"));
  const tableBytes = (strings.length + 1) * POINTER_BYTES;
  const buffer = Buffer.alloc(strings.reduce((total, string) => total + string.length, tableBytes));
  const start = addressOf(buffer);
  let offset = tableBytes;
  for (const [index, string] of strings.entries()) {
    buffer.writeBigUInt64LE(start + BigInt(offset), index * POINTER_BYTES);
    buffer.set(string, offset);
    offset += string.length;
  }
  return buffer;
}

/** A `sigset_t` with no signal, or with all that there are. */
export function encodeSignalSet(content: "empty" | "full"): Buffer {
  const buffer = Buffer.alloc(SIGNAL_SET_BYTES);
  return content === "empty" ? buffer : buffer.fill(0xff, 0, SIGNALS / 8);
}

/** Exit code of a wait status, or 128 and the number of the signal, as shells report it (wait(2)). */
export function exitCodeOf(waitStatus: number): number {
  const signal = waitStatus & 0x7f;
  return signal === 0 ? (waitStatus >> 8) & 0xff : 128 + signal;
}

/** `struct winsize` (tty_ioctl(2)). */
export function encodeWindowSize(columns: number, rows: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeUInt16LE(toCount(rows), 0);
  buffer.writeUInt16LE(toCount(columns), 2);
  return buffer;
}

function toCount(value: number): number {
  return Math.max(0, Math.min(0xffff, Math.trunc(value) || 0));
}
