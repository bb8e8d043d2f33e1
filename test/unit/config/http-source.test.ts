import { describe, expect, test } from "vitest";
import {
  fetchHttpConfiguration,
  formatConfigurationUrl,
  type HttpConfigurationPorts,
} from "../../../src/config/http-source.ts";
import { InstallerError } from "../../../src/core/errors.ts";
import { silentLogger } from "../../../src/core/logger.ts";
import type { HttpAnswer } from "../../../src/network/http-get.ts";
import { systemError } from "../../../src/system/system-error.ts";

const never = new AbortController().signal;
const OPTIONS = { baseUrl: "http://fleet:6977/tftpdata", macAddresses: ["de:ad:be:ef:00:00"] };

/** Answers by file name; counts the attempts. */
function serve(answers: Readonly<Record<string, () => HttpAnswer>>): HttpConfigurationPorts & {
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
    async get(url) {
      urls.push(url);
      const name = new URL(url).pathname.split("/").at(-1) ?? "";
      return answers[name]?.() ?? status(404, "Not Found");
    },
  };
}

function status(code: number, statusText = ""): HttpAnswer {
  return { status: code, statusText, body: Buffer.alloc(0) };
}

const text =
  (body: string): (() => HttpAnswer) =>
  () => ({ ...status(200), body: Buffer.from(body) });

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
    "config.json": () => (left-- > 0 ? status(503) : text("{}")()),
  });
  const files = await fetchHttpConfiguration(OPTIONS, ports, never);
  expect(files.get("config.json")?.toString()).toBe("{}");
  expect(ports.urls.filter((url) => url.includes("config.json"))).toHaveLength(3);
});

test("a lost connection is tried again", async () => {
  let left = 1;
  const ports = serve({
    "config.json": () => {
      if (left-- > 0) throw systemError("ECONNRESET", "read");
      return text("{}")();
    },
  });
  expect((await fetchHttpConfiguration(OPTIONS, ports, never)).has("config.json")).toBe(true);
  expect(ports.lines).toContain(
    "getting config.json: ECONNRESET: connection reset by peer, read, trying again in 0 ms",
  );
});

test("trouble with an optional file is not taken for its absence", async () => {
  const ports = serve({
    "config.json": text("{}"),
    "storage-layout.json": () => status(500),
  });
  await expect(fetchHttpConfiguration(OPTIONS, ports, never)).rejects.toMatchObject({
    code: "E_CONFIG_FETCH",
    message: "error getting http://fleet:6977/tftpdata/storage-layout.json",
  });
});

test("what another attempt would not change is not tried again", async () => {
  const ports = serve({
    "config.json": () => {
      throw new InstallerError("E_HTTP", "the certificate of fleet is not accepted");
    },
  });
  await expect(fetchHttpConfiguration(OPTIONS, ports, never)).rejects.toMatchObject({
    code: "E_CONFIG_FETCH",
    cause: { message: "the certificate of fleet is not accepted" },
  });
  expect(ports.urls).toHaveLength(1);
});

test("a password in the base URL is sent and not shown", async () => {
  const ports = serve({});
  const options = { ...OPTIONS, baseUrl: "https://user:sesame@fleet/x" };
  await expect(fetchHttpConfiguration(options, ports, never)).rejects.toMatchObject({
    message: "error getting https://fleet/x/config.json",
  });
  expect(ports.urls[0]).toContain("user:sesame@");
  expect(ports.lines.join()).not.toContain("sesame");
});
