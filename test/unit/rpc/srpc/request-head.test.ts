import { describe, expect, it } from "vitest";
import { byteReaderFromIterable } from "../../../../src/rpc/byte-reader.ts";
import {
  parseConnectOptions,
  parseRequestLine,
  readRequestHead,
} from "../../../../src/rpc/srpc/request-head.ts";

describe("parseRequestLine", () => {
  it.each([
    ["CONNECT /_goSRPC_/ HTTP/1.0", { method: "CONNECT", path: "/_goSRPC_/", query: "" }],
    ["CONNECT /_goSRPC_/ HTTP/1.1\r", { method: "CONNECT", path: "/_goSRPC_/", query: "" }],
    ["CONNECT /a?b=c?d HTTP/1.0", { method: "CONNECT", path: "/a", query: "b=c?d" }],
    ["CONNECT host:443 HTTP/1.1", { method: "CONNECT", path: "host:443", query: "" }],
  ])("parses %j", (line, head) => {
    expect(parseRequestLine(line)).toEqual(head);
  });

  it.each([
    "",
    "CONNECT",
    "CONNECT /",
    "CONNECT / HTTP/2.0",
    "CONNECT  / HTTP/1.0",
    "CONNECT / HTTP/1.0 ",
    "connect / HTTP/1.0",
    "CONNECT /\u00e9 HTTP/1.0",
    "CONNECT /\t HTTP/1.0",
    "\u0000",
  ])("refuses %j", (line) => {
    expect(() => parseRequestLine(line)).toThrow(expect.objectContaining({ code: "E_SRPC_HEAD" }));
  });
});

describe("readRequestHead", () => {
  it("skips header lines and leaves what follows the blank line", async () => {
    const reader = byteReaderFromIterable([Buffer.from("/_goSRPC_/ HTTP/1.1\r\nHost: x\r\n\r\nrest")]);
    expect(await readRequestHead(reader, "CONNECT ")).toEqual({
      method: "CONNECT",
      path: "/_goSRPC_/",
      query: "",
    });
    expect(Buffer.from(reader.takeBuffered()).toString()).toBe("rest");
  });

  it.each([
    ["a long line", `/${"x".repeat(9000)} HTTP/1.0\n\n`],
    ["many lines", `/ HTTP/1.0\n${"a: b\n".repeat(2000)}\n`],
    ["many short lines", `/ HTTP/1.0\n${"a\n".repeat(8000)}\n`],
  ])("refuses %s", async (_, text) => {
    const reading = readRequestHead(byteReaderFromIterable([Buffer.from(text)]), "CONNECT ");
    await expect(reading).rejects.toMatchObject({ code: "E_SRPC_HEAD" });
  });

  it("says that the peer left early", async () => {
    const reading = readRequestHead(byteReaderFromIterable([Buffer.from("/ HTTP/1.0\nA: b\n")]), "CONNECT ");
    await expect(reading).rejects.toMatchObject({ code: "E_STREAM_ENDED" });
  });
});

describe("parseConnectOptions", () => {
  it.each([
    ["", false],
    ["doNotUseMethodPowers=true", true],
    ["a=b&doNotUseMethodPowers=true", true],
    ["doNotUseMethodPowers=t%72ue", true],
    ["doNotUseMethodPowers=True", false],
    ["doNotUseMethodPowers=1", false],
    ["doNotUseMethodPowers", false],
    ["doNotUseMethodPowers=false&doNotUseMethodPowers=true", false],
    ["doNotUseMethodPowers=true=", false],
  ])("reads %j", (query, withoutPowers) => {
    expect(parseConnectOptions(query)).toEqual({ withoutPowers });
  });

  it.each(["a=%", "a=%g0", "%2", "a;b"])("refuses %j", (query) => {
    expect(parseConnectOptions(query)).toBeUndefined();
  });
});
