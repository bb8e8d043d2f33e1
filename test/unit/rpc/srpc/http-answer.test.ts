import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { redirectAnswer, refusal, renderAnswer, textAnswer } from "../../../../src/rpc/srpc/http-answer.ts";

const date = new Date("2026-11-20T22:38:37Z");

describe("renderAnswer", () => {
  it("refuses with the bytes of the original", () => {
    const lines = readFileSync("test/vectors/srpc/http-refusals-2.jsonl", "utf8").trimEnd().split("\n");
    const { hex } = JSON.parse(lines[2] ?? "") as { readonly hex: string };
    expect(renderAnswer(refusal(404), date)).toBe(Buffer.from(hex, "hex").toString());
  });

  it("counts the bytes of a body", () => {
    expect(renderAnswer(textAnswer(200, "é\n"), date)).toBe(
      "HTTP/1.0 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nDate: Fri, 20 Nov 2026 22:38:37 GMT\r\nContent-Length: 3\r\n\r\né\n",
    );
  });

  it("gives an empty list no type", () => {
    expect(textAnswer(200, "").headers).toEqual({});
  });

  it("points to the place with the slash", () => {
    expect(renderAnswer(redirectAnswer("/_goSRPC_/"), date)).toMatch(
      /^HTTP\/1.0 307 Temporary Redirect\r\nLocation: \/_goSRPC_\/\r\n/,
    );
  });
});
