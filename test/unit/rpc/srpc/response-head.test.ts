import { describe, expect, it } from "vitest";
import { byteReaderFromIterable } from "../../../../src/rpc/byte-reader.ts";
import { parseStatusLine, readResponseHead } from "../../../../src/rpc/srpc/response-head.ts";

describe("parseStatusLine", () => {
  it.each([
    ["HTTP/1.0 200 Connected to Go SRPC", { statusCode: 200, reason: "Connected to Go SRPC" }],
    ["HTTP/1.1 200 Connected to Go SRPC\r", { statusCode: 200, reason: "Connected to Go SRPC" }],
    ["HTTP/1.0 200 Connected to Go SRPC ", { statusCode: 200, reason: "Connected to Go SRPC " }],
    ["HTTP/1.1 404", { statusCode: 404, reason: "" }],
    ["HTTP/1.1 405 Method Not Allowed\r", { statusCode: 405, reason: "Method Not Allowed" }],
  ])("parses %j", (line, head) => {
    expect(parseStatusLine(line)).toEqual(head);
  });

  it.each([
    "",
    "HTTP/1.0",
    "HTTP/1.0 20",
    "HTTP/1.0 2000 x",
    "HTTP/2 200 OK",
    "\u0015\u0003\u0001",
    "HTTP/1.0 099 x",
  ])("refuses %j", (line) => {
    expect(() => parseStatusLine(line)).toThrow(expect.objectContaining({ code: "E_SRPC_HEAD" }));
  });
});

describe("readResponseHead", () => {
  it("skips headers and leaves what follows", async () => {
    const reader = byteReaderFromIterable([Buffer.from("HTTP/1.1 200 OK\r\nA: b\r\n\r\nrest")]);
    expect(await readResponseHead(reader)).toEqual({ statusCode: 200, reason: "OK" });
    expect(Buffer.from(reader.takeBuffered()).toString()).toBe("rest");
  });

  it("refuses endless heads", async () => {
    const reader = byteReaderFromIterable([Buffer.from(`HTTP/1.1 200 OK\n${"a: b\n".repeat(2000)}\n`)]);
    await expect(readResponseHead(reader)).rejects.toMatchObject({ code: "E_SRPC_HEAD" });
  });
});
