import { describe, expect, test } from "vitest";
import { redactLines } from "../../../../src/rpc/redaction/redact-lines.ts";

describe("redactLines", () => {
  test("keeps lines and the newline at the end", async () => {
    expect(await redactLines("one\n\ntoken=abc\n")).toBe("one\n\ntoken=[secret]\n");
    expect(await redactLines("one")).toBe("one");
    expect(await redactLines("")).toBe("");
  });

  test("a private key is left out with all its lines", async () => {
    const text =
      "a\n[1.000] -----BEGIN EC PRIVATE KEY-----\nhunter2\nhunter3\n-----END EC PRIVATE KEY-----\nb\n";
    expect(await redactLines(text)).toBe("a\n[1.000] [private key] [secret]\nb\n");
  });

  test("a private key without an end does not take the whole log with it", async () => {
    const text = `-----BEGIN PRIVATE KEY-----\n${"x\n".repeat(600)}the end`;
    const redacted = await redactLines(text);
    expect(redacted).toContain("the end");
    expect(redacted.length).toBeLessThan(300);
  });

  test("a line that is too long to be searched is left out", async () => {
    expect(await redactLines(`a\n${"x".repeat(100_000)}\nb`)).toBe(
      "a\n[a line of 100000 characters is left out]\nb",
    );
  });

  test("others get their turn while a large log is searched", async () => {
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await redactLines("a: b=c d: ".repeat(6_000).concat("\n").repeat(40));
    isOver = true;
    expect(turns).toBeGreaterThan(5);
  });
});
