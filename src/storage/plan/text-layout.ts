/** Width of a line for people; fits a wide terminal with the log's time stamp in front. */
const MAXIMUM_WIDTH = 110;

const GAP = "  ";

/** Rows as lines whose columns begin at the same place; cells of the `rightAligned` columns end at the same place. */
export function alignColumns(
  rows: readonly (readonly string[])[],
  rightAligned: ReadonlySet<number> = new Set(),
): readonly string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  const pad = (cell: string, column: number) =>
    rightAligned.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join(GAP).trimEnd());
}

/** `head`, then the items, with `;` between them; a full line goes on below the first item. */
export function wrapItems(head: string, items: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const [index, item] of items.entries()) {
    const text = index === items.length - 1 ? item : `${item};`;
    const longer = line === "" ? text : `${line} ${text}`;
    if (line !== "" && head.length + longer.length > MAXIMUM_WIDTH) {
      lines.push(line);
      line = text;
    } else line = longer;
  }
  return [...lines, line].map((text, index) => (index === 0 ? head : " ".repeat(head.length)) + text);
}
