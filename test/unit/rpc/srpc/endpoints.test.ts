import { describe, expect, it } from "vitest";
import { parseEndpoint } from "../../../../src/rpc/srpc/endpoints.ts";

describe("parseEndpoint", () => {
  it.each([
    ["/_goSRPC_/", "clear"],
    ["/_goSRPC_/deeper", "clear"],
    ["/_go_TLS_SRPC_/", "secure"],
    ["/_go_TLS_SRPC_/deeper", "secure"],
    ["/_goSRPC_/getHostname", "hostname"],
    ["/_goSRPC_/listMethods", "methods"],
    ["/_goSRPC_/listPublicMethods", "publicMethods"],
    ["/_goSRPC_", "redirect"],
    ["/_SRPC_/unsecured/JSON", "clear"],
    ["/_SRPC_/TLS/JSON", "secure"],
    ["/_SRPC_/TLS/JSON/deeper", undefined],
    ["/", undefined],
    ["example.org:443", undefined],
  ])("finds %s", (path, kind) => {
    expect(parseEndpoint(path)?.kind).toBe(kind);
  });
});
