import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutputTail } from "../../../../src/system/node/output-tail.ts";

describe("OutputTail", () => {
  it("hands out lines across pieces, without carriage returns", () => {
    const lines: string[] = [];
    const tail = new OutputTail(100, (line) => lines.push(line));
    for (const piece of ["on", "e\r\ntw", "o\n\nth", "ree"]) tail.push(Buffer.from(piece));
    expect(lines).toEqual(["one", "two", ""]);
    tail.end();
    tail.end();
    expect(lines).toEqual(["one", "two", "", "three"]);
  });

  it("puts a character together that was cut in two", () => {
    const lines: string[] = [];
    const tail = new OutputTail(100, (line) => lines.push(line));
    const bytes = Buffer.from("ä\n");
    tail.push(bytes.subarray(0, 1));
    tail.push(bytes.subarray(1));
    expect(lines).toEqual(["ä"]);
  });

  it("cuts a line that never ends", () => {
    const lines: string[] = [];
    const tail = new OutputTail(10, (line) => lines.push(line));
    tail.push(Buffer.alloc(70_000, "x"));
    expect(lines.map((line) => line.length)).toEqual([70_000]);
    expect(tail.text()).toBe("x".repeat(10));
  });

  it("keeps exactly the last bytes, however they came", () => {
    const pieces = fc.array(
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes.map((byte) => byte & 0x7f))),
    );
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 50 }), (input, limit) => {
        const tail = new OutputTail(limit);
        for (const piece of input) tail.push(piece);
        expect(tail.text()).toBe(Buffer.concat(input).subarray(-limit).toString());
      }),
      { seed: 1 },
    );
  });
});
