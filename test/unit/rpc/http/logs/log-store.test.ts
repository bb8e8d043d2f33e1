import { describe, expect, test } from "vitest";
import { LogStore, type LogStoreOptions } from "../../../../../src/rpc/http/logs/log-store.ts";
import { MemoryFileSystem } from "../../../../support/memory-file-system.ts";

const OLD = "2026-11-20:20:42:25.98";
const FIRST = "2026-11-21:08:00:00";
const SECOND = "2026-11-21:08:10:00.5";

async function makeStore(changes: Partial<LogStoreOptions> = {}): Promise<LogStore> {
  const files = new MemoryFileSystem({
    files: {
      [`/var/log/installer/${OLD}`]: "old\n",
      [`/var/log/installer/${FIRST}`]: "one\n\n",
      [`/var/log/installer/${SECOND}`]: "two\nthree\n",
      "/var/log/installer/events.jsonl": "{}\n",
      "/var/log/installer/old-etc.tar.gz": "archive",
      "/var/log/installer/dhcp/": "",
      "/etc/shadow": "root:secret",
    },
  });
  await files.makeSymlink(SECOND, "/var/log/installer/latest");
  const defaults = { directory: "/var/log/installer", firstFile: `/var/log/installer/${FIRST}` };
  return new LogStore({ files, memory: () => ["from memory\nsecond line"], ...defaults, ...changes });
}

async function text(lines: AsyncIterable<string> | undefined): Promise<readonly string[] | undefined> {
  if (lines === undefined) return undefined;
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

describe("LogStore", () => {
  test("lists log files by age and nothing else that lies there", async () => {
    expect(await (await makeStore()).names()).toEqual([OLD, FIRST, SECOND]);
  });

  test.for([
    "../../../etc/shadow",
    "/etc/shadow",
    `../installer/${OLD}`,
    `./${OLD}`,
    "..%2f..%2fetc%2fshadow",
    "events.jsonl",
    "old-etc.tar.gz",
    "dhcp",
    "",
    ".",
    `${OLD}\0`,
  ])("no name leads to anything but a listed file: %s", async (name) => {
    expect(await (await makeStore()).lines(name, false)).toBeUndefined();
  });

  test("a log file that is a link to elsewhere is not the latest", async () => {
    const store = await makeStore();
    expect(await text(await store.lines("latest", false))).toEqual(["two", "three"]);
    const files = new MemoryFileSystem({ files: { "/etc/shadow": "root:secret", "/logs/": "" } });
    await files.makeSymlink("../etc/shadow", "/logs/latest");
    const trapped = await makeStore({ files, directory: "/logs" });
    expect(await text(await trapped.lines("latest", false))).toEqual(["from memory", "second line"]);
  });

  test("reads a file forward and backward", async () => {
    const store = await makeStore();
    expect(await text(await store.lines(OLD, false))).toEqual(["old"]);
    expect(await text(await store.lines("latest", true))).toEqual(["", "three", "two"]);
  });

  test("what was logged since the start is in all files from the first one on", async () => {
    const store = await makeStore();
    expect(await text(await store.linesSinceStart(false))).toEqual(["one", "", "two", "three"]);
    expect(await text(await store.linesSinceStart(true))).toEqual(["", "three", "two", "", "", "one"]);
  });

  test("the file before the first one is that of the process before", async () => {
    expect(await (await makeStore()).previousName()).toBe(OLD);
    expect(await (await makeStore({ firstFile: OLD })).previousName()).toBeUndefined();
  });

  test("without files there is what is in memory", async () => {
    const store = await makeStore({ directory: "" });
    expect(await store.names()).toEqual([]);
    expect(await text(await store.lines("latest", true))).toEqual(["second line", "from memory"]);
    expect(await text(await store.linesSinceStart(false))).toEqual(["from memory", "second line"]);
  });
});
