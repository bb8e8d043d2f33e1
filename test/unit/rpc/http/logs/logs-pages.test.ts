import { describe, expect, test } from "vitest";
import type { Answer } from "../../../../../src/rpc/http/answer.ts";
import { LogStore } from "../../../../../src/rpc/http/logs/log-store.ts";
import { LogsPages } from "../../../../../src/rpc/http/logs/logs-pages.ts";
import { FakeClock } from "../../../../support/fake-host.ts";
import { MemoryFileSystem } from "../../../../support/memory-file-system.ts";

const OLD = "2026-11-20:20:42:25.98";
const NOW = "2026-11-21:08:00:00";
const LOG = `[   1.000] start\n[ 300.000] <b>mounted</b> /dev/sda2
a second line
[ 590.000] error: busy
`;

async function makePages(oldLog = "[   1.000] fine\n"): Promise<{ pages: LogsPages; clock: FakeClock }> {
  const files = new MemoryFileSystem({ files: { [`/logs/${OLD}`]: oldLog, [`/logs/${NOW}`]: LOG } });
  await files.makeSymlink(NOW, "/logs/latest");
  const clock = new FakeClock();
  clock.advance(600_000);
  const store = new LogStore({ files, directory: "/logs", firstFile: NOW, memory: () => [] });
  const ownProcess = {
    activeResources: () => ["TCPSocketWrap", "Timeout", "TCPSocketWrap"],
    stack: () => "    at somewhere",
  };
  return { pages: new LogsPages({ store, clock, ownProcess }), clock };
}

async function shown(answer: Answer | undefined): Promise<string> {
  if (answer === undefined) return "nothing";
  let body = "";
  if (typeof answer.body === "string" || Buffer.isBuffer(answer.body)) body = String(answer.body);
  else for await (const piece of answer.body) body += piece;
  return `${answer.statusCode} ${answer.type.split(";")[0]} ${body}`;
}

async function get(path: string, query = "", oldLog?: string): Promise<string> {
  return shown(await (await makePages(oldLog)).pages.answer(path, query));
}

describe("/logs", () => {
  test("lists the files as text, newest last or first", async () => {
    expect(await get("/logs", "output=text")).toBe(`200 text/plain ${OLD}\n${NOW}\n`);
    expect(await get("/logs", "output=text&recentFirst")).toBe(`200 text/plain ${NOW}\n${OLD}\n`);
  });

  test("lists them with links", async () => {
    expect(await get("/logs")).toContain(`<a href="logs/dump?name=${encodeURIComponent(NOW)}">${NOW}</a>`);
  });
});

describe("/logs/dump", () => {
  test("shows a file, or the current one", async () => {
    expect(await get("/logs/dump", `name=${OLD}`)).toBe("200 text/plain [   1.000] fine\n");
    expect(await get("/logs/dump", "name=latest")).toBe(`200 text/plain ${LOG}`);
  });

  test("backward without blank lines", async () => {
    expect(await get("/logs/dump", "name=latest&recentFirst", "")).toBe(
      "200 text/plain [ 590.000] error: busy\na second line\n[ 300.000] <b>mounted</b> /dev/sda2\n[   1.000] start\n",
    );
  });

  test("filters lines", async () => {
    const query = "name=latest&include=error&include=sda%5Cd&exclude=busy";
    expect(await get("/logs/dump", query)).toBe("200 text/plain [ 300.000] <b>mounted</b> /dev/sda2\n");
  });

  test("a bad expression is refused with the reason", async () => {
    expect(await get("/logs/dump", "name=latest&include=(")).toBe(
      "400 text/plain error parsing regexp: missing closing ): `(`\n",
    );
  });

  test("a name is needed, and must be that of a file", async () => {
    expect(await get("/logs/dump")).toMatch(/^400 /);
    expect(await get("/logs/dump", "name=nothing")).toMatch(/^404 /);
    expect(await get("/logs/dump", "name=../../etc/shadow")).toMatch(/^404 /);
  });
});

describe("/logs/showLast", () => {
  test("shows lines of that time with those that belong to them, as a page", async () => {
    expect(await get("/logs/showLast", "6m")).toBe(
      "200 text/html <body><pre>\n[ 300.000] &#60;b&#62;mounted&#60;/b&#62; /dev/sda2\na second line\n[ 590.000] error: busy\n</pre></body>\n",
    );
    expect(await get("/logs/showLast", "30s&recentFirst")).toBe(
      "200 text/html <body><pre>\n[ 590.000] error: busy\n</pre></body>\n",
    );
  });

  test.for(["", "10", "10x", "recentFirst"])("refuses a missing or wrong time: %s", async (query) => {
    expect(await get("/logs/showLast", query)).toMatch(/^400 /);
  });
});

test("/logs/showSinceStartup shows everything of this process", async () => {
  expect(await get("/logs/showSinceStartup")).toBe(`200 text/plain ${LOG}`);
});

describe("/logs/showPreviousPanic", () => {
  test("says so when there was none", async () => {
    expect(await get("/logs/showPreviousPanic")).toBe("200 text/plain Last invocation did not panic!\n");
  });

  test("shows the end of the log before from the panic on", async () => {
    const old = "[   1.000] fine\npanic: out of luck\n\ngoroutine 1\n";
    expect(await get("/logs/showPreviousPanic", "", old)).toBe(
      "200 text/plain panic: out of luck\n\ngoroutine 1\n",
    );
  });
});

test("/logs/showStackTrace is shown every two seconds at most", async () => {
  const { pages, clock } = await makePages();
  const trace = await shown(await pages.answer("/logs/showStackTrace", ""));
  expect(trace).toContain("at somewhere");
  expect(trace).toContain("     2 TCPSocketWrap\n     1 Timeout\n");
  clock.advance(1_999);
  expect(await shown(await pages.answer("/logs/showStackTrace", ""))).toBe("200 text/plain Too soon\n");
  clock.advance(2);
  expect(await shown(await pages.answer("/logs/showStackTrace", ""))).toContain("at somewhere");
});

test("other paths are none of these", async () => {
  expect(await get("/logs/")).toBe("nothing");
  expect(await get("/logs/other")).toBe("nothing");
});
