import { describe, expect, it } from "vitest";
import { makeFrame } from "../../../../../src/rpc/http/page/page-frame.ts";
import { changedSections, renderSections } from "../../../../../src/rpc/http/page/sections.ts";
import { ScriptedRun } from "../../../../support/scripted-run.ts";

function frameOf(run: ScriptedRun, after: number) {
  return makeFrame({ run: "r", snapshot: run.snapshot(), sections: {}, logEvents: run.logEvents(), after });
}

const linesIn = (html: string): readonly string[] =>
  [...html.matchAll(/<span class="line (\w+)".*?>(?:<time>.*?<\/time> )?(.*)\n<\/span>/g)].map(
    ([, kind, text]) => `${kind}: ${text}`,
  );

describe("makeFrame", () => {
  it("brings the log entries after the one that is known", () => {
    const run = new ScriptedRun().log("one").start("x", "X").log("three").log("four");
    expect(linesIn(frameOf(run, 0).log)).toEqual(["info: one", "info: three", "info: four"]);
    expect(linesIn(frameOf(run, 1).log)).toEqual(["info: three", "info: four"]);
    expect(linesIn(frameOf(run, 2).log)).toEqual(["info: three", "info: four"]);
    expect(frameOf(run, 4)).toMatchObject({ log: "", after: 4 });
  });

  it("says when entries are missing between", () => {
    const run = new ScriptedRun({ logCapacity: 2 }).log("one").log("two").log("three").log("four");
    expect(linesIn(frameOf(run, 1).log)).toEqual([
      "gap: … entries are missing here, see the log files",
      "info: three",
      "info: four",
    ]);
    expect(linesIn(frameOf(run, 3).log)).toEqual(["info: four"]);
    // Whoever begins has missed nothing.
    expect(linesIn(frameOf(run, 0).log)).toEqual(["info: three", "info: four"]);
  });

  it("has a title by which tabs are told apart", () => {
    const run = new ScriptedRun().start("prepare-drives", "Format");
    expect(frameOf(run, 0).title).toBe("57 % host - installer status page");
    run.publish("run-ended", { outcome: "failed", message: "x" });
    expect(frameOf(run, 0)).toMatchObject({ state: "failed", title: "failed host - installer status page" });
  });
});

describe("changedSections", () => {
  it("are only those that are not as they were", () => {
    const run = new ScriptedRun().start("x", "X");
    const before = renderSections(run.snapshot());
    expect(changedSections(before, renderSections(run.snapshot()))).toEqual({});
    run.publish("notice", { notice: { id: "n", severity: "info", text: "news" } });
    const changed = changedSections(before, renderSections(run.snapshot()));
    expect(Object.keys(changed)).toEqual(["notices"]);
    expect(changed.notices).toContain("news");
  });
});
