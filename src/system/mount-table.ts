import type { MountEntry } from "./mounts.ts";

/**
 * The entries of /proc/self/mounts or of fstab(5) text, in order. Lines that have fewer than four fields are left out.
 * The kernel writes blank, tab, newline, backslash and `#` as three octal digits; other bytes stay as they are.
 */
export function parseMountTable(text: string): readonly MountEntry[] {
  return text.split("\n").flatMap((line) => {
    const [source, mountPoint, type, options] = line.split(/[ \t]+/);
    if (source === undefined || mountPoint === undefined || type === undefined || options === undefined)
      return [];
    return [
      {
        source: decodeOctalEscapes(source),
        mountPoint: decodeOctalEscapes(mountPoint),
        type: decodeOctalEscapes(type),
        options: decodeOctalEscapes(options),
      },
    ];
  });
}

function decodeOctalEscapes(field: string): string {
  return field.replace(/\\([0-3][0-7]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
