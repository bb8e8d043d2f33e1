import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { decodeBase64 } from "../../../src/core/base64-stream.ts";

interface Decoded {
  readonly output: string;
  readonly error?: string;
}

async function decode(input: Uint8Array, pieceBytes = input.length): Promise<Decoded> {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < input.length; at += pieceBytes) pieces.push(input.subarray(at, at + pieceBytes));
  const output: Buffer[] = [];
  try {
    for await (const piece of decodeBase64(pieces)) output.push(piece);
    return { output: Buffer.concat(output).toString("latin1") };
  } catch (error) {
    expect(error).toMatchObject({ code: "E_BASE64" });
    return { output: Buffer.concat(output).toString("latin1"), error: (error as Error).message };
  }
}

describe("decodeBase64", () => {
  it.each([
    ["", ""],
    ["\n\r\n", ""],
    ["aGVsbG8=", "hello"],
    ["aGVs\r\nbG8\n=\n", "hello"],
    ["/+8=", "\u00ff\u00ef"],
    ["AB==", "\0"],
  ])("decodes %j", async (text, output) => {
    for (const pieceBytes of [1, 3, 1000]) {
      expect(await decode(Buffer.from(text), pieceBytes)).toEqual({ output });
    }
  });

  it.each([
    ["aGVsbG8", "hel", "unexpected EOF"],
    ["aGVibG8!", "heb", "illegal base64 data at input byte 7"],
    ["aGV!bG8=", "", "illegal base64 data at input byte 3"],
    ["aGVs\nbG!=", "hel", "illegal base64 data at input byte 6"],
    ["====", "", "illegal base64 data at input byte 0"],
    ["A===", "", "illegal base64 data at input byte 1"],
    ["AA=A", "", "illegal base64 data at input byte 2"],
    ["AA==AA==", "\0", "illegal base64 data at input byte 4"],
    ["aGVsbG8= ", "hello", "unexpected EOF"],
    ["_-8=", "", "illegal base64 data at input byte 0"],
  ])("decodes %j up to the fault", async (text, output, error) => {
    for (const pieceBytes of [1, 3, 1000]) {
      expect(await decode(Buffer.from(text), pieceBytes)).toEqual({ output, error });
    }
  });

  it("decodes everything that can be encoded, however it is cut into lines and pieces", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1, max: 80 }),
        async (bytes, width) => {
          const text = Buffer.from(bytes)
            .toString("base64")
            .replace(new RegExp(`.{${width}}`, "g"), "$&\r\n");
          const { output, error } = await decode(Buffer.from(text), width);
          expect(error).toBeUndefined();
          expect(output).toBe(Buffer.from(bytes).toString("latin1"));
        },
      ),
      { numRuns: 50 },
    );
  });

  it("gives the same result for any input, whatever the pieces", async () => {
    const letters = fc.constantFrom("A", "z", "/", "+", "=", "\n", " ", "!", "ÿ");
    await fc.assert(
      fc.asyncProperty(
        fc.array(letters, { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        async (parts, size) => {
          const input = Buffer.from(parts.join(""), "latin1");
          expect(await decode(input, size)).toEqual(await decode(input));
        },
      ),
    );
  });
});
