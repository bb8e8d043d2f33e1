import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { inputTerminal, outputTerminal } from "../../../../src/cli/remote/local-terminal.ts";
import { openScreen } from "../../../../src/cli/remote/screen.ts";
import type { ViewLine } from "../../../../src/cli/remote/status-text.ts";

class FakeWindow extends PassThrough {
  readonly isTTY = true;
  columns = 80;
  rows = 24;

  /** What was written since the last call, escape characters as ^. */
  taken(): string {
    return String(this.read() ?? "").replaceAll("\u001b", "^");
  }
}

const lines = (...texts: readonly string[]): readonly ViewLine[] =>
  texts.map((text) => ({ text, tone: "normal" }));

function open(hasColours = false) {
  const stdout = new FakeWindow();
  const terminal = outputTerminal(stdout);
  if (terminal === undefined) throw new Error("not a terminal");
  return { stdout, screen: openScreen({ stdout, terminal, hasColours }) };
}

describe("openScreen", () => {
  it("takes the other screen without cursor, and gives the terminal back", () => {
    const { stdout, screen } = open();
    expect(stdout.taken()).toBe("^[?1049h^[?25l^[?7l");
    screen[Symbol.dispose]();
    expect(stdout.taken()).toBe("^[?7h^[?25h^[?1049l");
    expect(stdout.listenerCount("resize")).toBe(0);
  });

  it("writes only what has changed", () => {
    const { stdout, screen } = open();
    stdout.taken();
    screen.draw(lines("one", "two", "three"));
    expect(stdout.taken()).toBe("^[?2026h^[2J^[1;1Hone^[K^[2;1Htwo^[K^[3;1Hthree^[K^[?2026l");
    screen.draw(lines("one", "2"));
    expect(stdout.taken()).toBe("^[?2026h^[2;1H2^[K^[3;1H^[K^[?2026l");
    screen.draw(lines("one", "2"));
    expect(stdout.taken()).toBe("");
  });

  it("draws everything anew when the window changes", () => {
    const { stdout, screen } = open();
    screen.draw(lines("one"));
    stdout.taken();
    stdout.columns = 40;
    stdout.emit("resize");
    expect(screen.size()).toEqual({ columns: 40, rows: 24 });
    screen.draw(lines("one"));
    expect(stdout.taken()).toBe("^[?2026h^[2J^[1;1Hone^[K^[?2026l");
  });

  it("paints by meaning, and not at all without colours", () => {
    const { stdout, screen } = open(true);
    stdout.taken();
    screen.draw([
      { text: "broken", tone: "bad" },
      { text: "plain", tone: "normal" },
    ]);
    expect(stdout.taken()).toContain("^[1;1H^[1;31mbroken^[0m^[K^[2;1Hplain^[K");
  });

  it("leaves frames out while the terminal is behind", () => {
    const { stdout, screen } = open();
    while (!stdout.writableNeedDrain) stdout.write("x".repeat(10_000));
    const before = stdout.writableLength + stdout.readableLength;
    screen.draw(lines("late"));
    expect(stdout.writableLength + stdout.readableLength).toBe(before);
  });
});

describe("terminals", () => {
  it("are not pipes", () => {
    expect(outputTerminal(new PassThrough())).toBeUndefined();
    expect(inputTerminal(new PassThrough())).toBeUndefined();
  });

  it("leave raw mode when they are disposed", () => {
    const modes: boolean[] = [];
    const stream = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (isRaw: boolean) => void modes.push(isRaw),
    });
    inputTerminal(stream)?.enterRawMode()[Symbol.dispose]();
    expect(modes).toEqual([true, false]);
  });
});
