/**
 * The value of `name=value` on a kernel command line, `""` when it is empty, undefined when there is none. Words with
 * two equal signs do not count (spec/configuration.md section 6); of several words the first or last one wins.
 */
export function findKernelParameter(
  commandLine: string,
  name: string,
  which: "first" | "last",
): string | undefined {
  const values = commandLine
    .split(/\s+/)
    .map((word) => word.split("="))
    .filter((parts) => parts.length === 2 && parts[0] === name)
    .map((parts) => parts[1]);
  return which === "first" ? values[0] : values.at(-1);
}
