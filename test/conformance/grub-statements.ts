/** The statements of a grub.cfg, one a line: comments, blank lines and the width of blanks do not matter. */
export function grubStatements(text: string | undefined): string | undefined {
  return text
    ?.split("\n")
    .map((line) => line.trim().replaceAll(/[ \t]+/g, " "))
    .filter((line) => line !== "" && !line.startsWith("#"))
    .join("\n");
}
