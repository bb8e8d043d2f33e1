import { describe, expect, it } from "vitest";
import { INITIAL_STATUS } from "../../../../src/engine/status.ts";
import { renderStatusPage, type StatusPageInput } from "../../../../src/rpc/http/status-page.ts";

const INPUT: StatusPageInput = {
  status: INITIAL_STATUS,
  logEntries: [],
  hostname: "host",
  startTime: new Date(0),
  now: new Date(7500),
  nowMonotonicMs: 7500,
  version: "1",
  runtime: "node",
  memoryBytes: 2 ** 20,
};

describe("renderStatusPage", () => {
  it("escapes everything that came from outside", () => {
    const page = renderStatusPage({
      ...INPUT,
      hostname: "<img src=x>",
      logEntries: ["<script>alert(1)</script>", '"&'],
      status: {
        outcome: "failed",
        message: "<b>bad</b>",
        steps: [
          {
            id: "x",
            title: "<i>",
            destructive: false,
            state: "failed",
            startedAt: 0,
            endedAt: 1,
            error: { code: "E_X", message: "<u>", hint: "<s>" },
          },
        ],
      },
    });
    for (const tag of ["<img", "<script", "<b>", "<i>", "<u>", "<s>"]) expect(page).not.toContain(tag);
    expect(page).toContain("&#60;script&#62;alert(1)&#60;/script&#62;\n&#34;&#38;");
  });

  it("reloads itself only while the run goes on", () => {
    expect(renderStatusPage(INPUT)).toContain('http-equiv="refresh"');
    expect(renderStatusPage({ ...INPUT, status: { ...INITIAL_STATUS, outcome: "succeeded" } })).not.toContain(
      "refresh",
    );
  });

  it("has the title and headings that scripts of the original look for", () => {
    const page = renderStatusPage(INPUT);
    expect(page).toContain("<title>installer status page</title>");
    expect(page).toContain('<a href="logs">Logs:</a>');
  });
});
