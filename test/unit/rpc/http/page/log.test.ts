import { describe, expect, it } from "vitest";
import { renderLog, renderLogLines } from "../../../../../src/rpc/http/page/log.ts";
import { ScriptedRun } from "../../../../support/scripted-run.ts";

const RUN = new ScriptedRun().pass(3_224);
RUN.log("downloaded: config.json").log("cannot mount /dev/sda1", "warn");
RUN.log("no route to host", "error").log("found sda (10 GB)", "debug");

/** Those lines that are shown. */
function shown(query: string): readonly string[] {
  const html = renderLog(RUN.logEvents(), new URLSearchParams(query));
  return [...html.matchAll(/<span class="line \w+" data-level="\w+"><time>[^<]*<\/time> (.*)\n/g)].map(
    ([, line = ""]) => line.replace(/<[^>]*>/g, ""),
  );
}

const ALL = [
  "downloaded: config.json",
  "WARNING cannot mount /dev/sda1",
  "ERROR no route to host",
  "found sda (10 GB)",
];

describe("the log of the page", () => {
  it.each([
    ["", ALL],
    ["level=debug", ALL],
    ["level=nonsense", ALL],
    ["level=info", ALL.slice(0, 3)],
    ["level=warn", ALL.slice(1, 3)],
    ["level=error", ALL.slice(2, 3)],
    ["include=SDA", [ALL[1], ALL[3]]],
    ["include=sda%24", []],
    ["include=config%7Croute", [ALL[0], ALL[2]]],
    // Half an expression is looked for as it is.
    ["include=sda+(", [ALL[3]]],
    ["include=sda&level=warn", [ALL[1]]],
    ["include=%5B++3.224", ALL],
  ])("filters without script by %j", (query, lines) => {
    expect(shown(query)).toEqual(lines);
  });

  it("keeps the lines that the filter hides, for the script to show", () => {
    const html = renderLog(RUN.logEvents(), new URLSearchParams("level=error"));
    expect(html.match(/class="line/g)).toHaveLength(4);
    expect(html).toMatch(/data-level="info" hidden><time>\[ {2}3\.224\]<\/time> downloaded: config\.json/);
  });

  it("shows the filter that is in force", () => {
    const html = renderLog(RUN.logEvents(), new URLSearchParams('include="x&level=warn'));
    expect(html).toContain('value="&#34;x"');
    expect(html).toContain('<option value="warn" selected>');
  });

  it("is not kept busy by an expression made for that", () => {
    const run = new ScriptedRun();
    for (let index = 0; index < 1024; index += 1) run.log("a".repeat(2_000));
    const start = performance.now();
    renderLog(run.logEvents(), new URLSearchParams("include=(a%7Ca)*(a%7Ca)*(a%7Ca)*(a%7Ca)*b"));
    expect(performance.now() - start).toBeLessThan(2_000);
  });

  it("shows the end of a log that is too long, and cuts entries that are", () => {
    const run = new ScriptedRun();
    for (let index = 0; index < 300; index += 1) run.log(`${index} ${"x".repeat(8_000)}`);
    const html = renderLogLines(run.logEvents());
    expect(html.length).toBeLessThan(600_000);
    expect(html).toContain("299 xxx");
    expect(html).not.toContain(" 0 xxx");
    expect(html).toContain("x… (cut)\n");
  });

  it("shows fields beside the message, and more lines than one", () => {
    const run = new ScriptedRun();
    run.publish("log", { level: "info", message: "two\nlines", fields: { size: 5, name: "a b" } });
    expect(renderLogLines(run.logEvents())).toContain("two\nlines size=5 name=&#34;a b&#34;\n</span>");
  });
});
