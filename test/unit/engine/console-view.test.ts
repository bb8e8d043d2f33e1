import { describe, expect, it } from "vitest";
import { createLiveConsole, createPlainConsole } from "../../../src/engine/console-view.ts";
import type { InstallerEvent } from "../../../src/engine/events.ts";

const started: InstallerEvent = {
  kind: "step-started",
  at: 0,
  id: "download",
  title: "Download objects",
  destructive: false,
};
const progress = (at: number, done: number): InstallerEvent => ({
  kind: "step-progress",
  at,
  id: "download",
  done,
  total: 200 * 2 ** 20,
  unit: "bytes",
});

function record(columns?: number): {
  text: () => string;
  output: { write(text: string): void; columns(): number | undefined };
} {
  let text = "";
  return { text: () => text, output: { write: (piece) => (text += piece), columns: () => columns } };
}

describe("plain console", () => {
  it("prints log lines with the time since the start", () => {
    const { text, output } = record();
    const view = createPlainConsole(output);
    view({ kind: "log", at: 3224, level: "info", message: "downloaded: config.json" });
    view({ kind: "log", at: 1234568, level: "info", message: "late", fields: { drive: "sda", count: 3 } });
    expect(text()).toBe("[  3.224] downloaded: config.json\n[1234.568] late drive=sda count=3\n");
  });

  it("prints progress at most every five seconds", () => {
    const { text, output } = record();
    const view = createPlainConsole(output);
    view(started);
    for (let second = 0; second <= 10; second++) view(progress(second * 1000, second * 10 * 2 ** 20));
    expect(text().split("\n")).toEqual([
      "[  5.000] Download objects: 50 MiB of 200 MiB (25 %), 10 MiB/s, 15s left",
      "[ 10.000] Download objects: 100 MiB of 200 MiB (50 %), 10 MiB/s, 10s left",
      "",
    ]);
  });
});

describe("live console", () => {
  it("keeps one line at the bottom, never wider than the terminal", () => {
    const { text, output } = record(30);
    const view = createLiveConsole(output);
    view(started);
    view(progress(1000, 10 * 2 ** 20));
    view({ kind: "log", at: 1500, level: "info", message: "hello" });
    const pieces = text().split("\r\u001b[K");
    expect(pieces).toHaveLength(3);
    expect(pieces[1]).toBe("| Download objects: 10 MiB of");
    expect(pieces[2]).toMatch(/^\[ {2}1\.500\] hello\n. Download objects/);
    for (const piece of pieces) expect((piece.split("\n").at(-1) ?? "").length).toBeLessThan(30);
  });
});
