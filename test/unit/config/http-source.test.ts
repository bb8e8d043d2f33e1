import { describe, expect, test } from "vitest";
import {
  fetchHttpConfiguration,
  formatConfigurationUrl,
  type HttpConfigurationPorts,
} from "../../../src/config/http-source.ts";
import { silentLogger } from "../../../src/core/logger.ts";

const never = new AbortController().signal;
const OPTIONS = { baseUrl: "http://fleet:6977/tftpdata", macAddresses: ["de:ad:be:ef:00:00"] };

/** Answers by file name; counts the attempts. */
function serve(answers: Readonly<Record<string, () => Response>>): HttpConfigurationPorts & {
  readonly urls: string[];
  readonly lines: string[];
} {
  const urls: string[] = [];
  const lines: string[] = [];
  const keep = (message: string): void => void lines.push(message);
  return {
    urls,
    lines,
    log: { ...silentLogger, info: keep, warn: keep },
    retry: { attempts: 3, firstDelayMs: 0, maxDelayMs: 0 },
    async fetch(url) {
      urls.push(url);
      const name = new URL(url).pathname.split("/").at(-1) ?? "";
      return answers[name]?.() ?? new Response("nothing", { status: 404, statusText: "Not Found" });
    },
  };
}

const text =
  (body: string): (() => Response) =>
  () =>
    new Response(body);

describe("formatConfigurationUrl", () => {
  test.each([
    [OPTIONS, "http://fleet:6977/tftpdata/config.json?mac=de:ad:be:ef:00:00"],
    [
      { ...OPTIONS, macAddresses: ["de:ad:be:ef:00:00", "de:ad:be:ef:00:02"], serialNumber: "A&B C" },
      "http://fleet:6977/tftpdata/config.json?mac=de:ad:be:ef:00:00&mac=de:ad:be:ef:00:02&serial_number=A%26B%20C",
    ],
    [{ baseUrl: "https://fleet/", macAddresses: [] }, "https://fleet/config.json"],
  ])("%j", (options, expected) => expect(formatConfigurationUrl(options, "config.json")).toBe(expected));
});

test("fetches what there is, in the order of the original, and says what there is not", async () => {
  const ports = serve({ "config.json": text("{}"), imagename: text("img\n"), "tools-imagename": text("t") });
  const files = await fetchHttpConfiguration(OPTIONS, ports, never);
  expect([...files].map(([name, content]) => [name, content.toString()])).toEqual([
    ["config.json", "{}"],
    ["imagename", "img\n"],
    ["tools-imagename", "t"],
  ]);
  expect(ports.urls.map((url) => new URL(url).pathname.split("/").at(-1))).toEqual([
    "config.json",
    "imagename",
    "storage-layout.json",
    "imageserver",
    "tools-imagename",
  ]);
  expect(ports.lines).toContain("storage-layout.json is not on the server: 404 Not Found");
});

test("config.json is required", async () => {
  await expect(fetchHttpConfiguration(OPTIONS, serve({}), never)).rejects.toMatchObject({
    code: "E_CONFIG_FETCH",
    message: "error getting http://fleet:6977/tftpdata/config.json",
    cause: { message: "404 Not Found" },
  });
});

test("a server in trouble is asked again", async () => {
  let left = 2;
  const ports = serve({
    "config.json": () => (left-- > 0 ? new Response("", { status: 503 }) : new Response("{}")),
  });
  const files = await fetchHttpConfiguration(OPTIONS, ports, never);
  expect(files.get("config.json")?.toString()).toBe("{}");
  expect(ports.urls.filter((url) => url.includes("config.json"))).toHaveLength(3);
});

test("a lost connection is tried again", async () => {
  let left = 1;
  const ports = serve({
    "config.json": () => {
      if (left-- > 0) throw new TypeError("fetch failed");
      return new Response("{}");
    },
  });
  expect((await fetchHttpConfiguration(OPTIONS, ports, never)).has("config.json")).toBe(true);
  expect(ports.lines).toContain("getting config.json: fetch failed, trying again in 0 ms");
});

test("trouble with an optional file is not taken for its absence", async () => {
  const ports = serve({
    "config.json": text("{}"),
    "storage-layout.json": () => new Response("", { status: 500 }),
  });
  await expect(fetchHttpConfiguration(OPTIONS, ports, never)).rejects.toMatchObject({
    code: "E_CONFIG_FETCH",
    message: "error getting http://fleet:6977/tftpdata/storage-layout.json",
  });
});

test("an answer without end is cut off, once", async () => {
  const endless = (): Response =>
    new Response(
      new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024)) }),
    );
  const ports = serve({ "config.json": endless });
  await expect(fetchHttpConfiguration(OPTIONS, ports, never)).rejects.toMatchObject({
    code: "E_CONFIG_FETCH",
    cause: { message: "the answer is larger than 4194304 bytes" },
  });
  expect(ports.urls).toHaveLength(1);
});

test("each attempt has a time limit", async () => {
  const ports: HttpConfigurationPorts = {
    log: silentLogger,
    retry: { attempts: 1, firstDelayMs: 0, maxDelayMs: 0 },
    fetch: (_url, init) =>
      new Promise((_resolve, reject) => {
        init.signal?.addEventListener("abort", () => reject(new Error("timed out")));
      }),
  };
  await expect(fetchHttpConfiguration({ ...OPTIONS, timeoutMs: 1 }, ports, never)).rejects.toMatchObject({
    code: "E_CONFIG_FETCH",
    cause: { message: "timed out" },
  });
});
