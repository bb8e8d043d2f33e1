import { describe, expect, it } from "vitest";
import { printable, printableLine } from "../../../../src/cli/remote/printable.ts";

describe("printable", () => {
  it("keeps text, line feeds and tabs as they are", () => {
    const text = "downloaded: größe\t5 KiB\n日本\n";
    expect(printable(text)).toBe(text);
  });

  it("shows what would act on a terminal instead of doing it", () => {
    expect(printable("\u001b]0;title\u0007\u001b[2J\r\u009b1m\u007f")).toBe(
      "\\x1b]0;title\\x07\\x1b[2J\\x0d\\x9b1m\\x7f",
    );
  });

  it("shows what would turn the direction of writing", () => {
    expect(printable("disk\u202egnp.exe\u2066\u{e0001}")).toBe("disk\\u202egnp.exe\\u2066\\U000e0001");
  });

  it("makes one line of several", () => {
    expect(printableLine("a\nb\tc")).toBe("a b c");
  });
});
