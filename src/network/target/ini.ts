/** A section of a file in the style of systemd.syntax(7) and GKeyFile; a key with several values stands once for each. */
export interface IniSection {
  readonly name: string;
  readonly entries: readonly (readonly [key: string, value: string | number | readonly string[]])[];
}

/** Sections with an empty line before each but the first; sections without entries are kept, as they may mean something. */
export function renderIni(sections: readonly IniSection[]): string {
  return sections.map(renderSection).join("\n");
}

function renderSection({ name, entries }: IniSection): string {
  const lines = entries.flatMap(([key, value]) => {
    const values = typeof value === "object" ? value : [value];
    return values.map((each) => `${key}=${each}\n`);
  });
  return `[${name}]\n${lines.join("")}`;
}
