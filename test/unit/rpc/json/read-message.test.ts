import { describe, expect, it } from "vitest";
import { byteReaderFromIterable } from "../../../../src/rpc/byte-reader.ts";
import { readJsonMessage } from "../../../../src/rpc/json/read-message.ts";

const LIMIT_BYTES = 100;

/** Every byte in a chunk of its own. */
function reading(input: string) {
  return byteReaderFromIterable([...Buffer.from(input)].map((byte) => Uint8Array.of(byte)));
}

describe("readJsonMessage", () => {
  it.each([
    ['{"a":1}\nrest', '{"a":1}', "rest"],
    [' {"a":"}{"}\r\n\nrest', ' {"a":"}{"}\r', "\nrest"],
    ['\n\n{"a":"\\"}\\\\"}\nrest', '\n\n{"a":"\\"}\\\\"}', "rest"],
    ['{\n  "a": [\n    {}\n  ]\n}\nrest', '{\n  "a": [\n    {}\n  ]\n}', "rest"],
    ['{"é":"\\u00e9"}\nrest', '{"é":"\\u00e9"}', "rest"],
    ["{]\nrest", "{]", "rest"],
    ["{}}}\nrest", "{}}}", "rest"],
  ])("reads %j and leaves what follows", async (input, message, rest) => {
    const reader = reading(input);
    expect(await readJsonMessage(reader, LIMIT_BYTES)).toBe(message);
    expect(Buffer.from(await reader.readExactly(Buffer.byteLength(rest))).toString()).toBe(rest);
  });

  it.each([
    ["no object", '"text"\nrest'],
    ["a text that goes over the line", '{"a":"b\nrest'],
  ])("refuses %s, and goes on with the next line", async (_what, input) => {
    const reader = reading(input);
    await expect(readJsonMessage(reader, LIMIT_BYTES)).rejects.toMatchObject({ code: "E_JSON_MESSAGE" });
    expect(Buffer.from(await reader.readExactly(4)).toString()).toBe("rest");
  });

  it.each([
    ["in one line", `{"a":"${"x".repeat(100)}"}\n`],
    ["in many lines", `{\n${"1,\n".repeat(50)}}\n`],
    ["of nothing", "\n".repeat(200)],
  ])("refuses a message that is too long %s", async (_what, input) => {
    await expect(readJsonMessage(reading(input), LIMIT_BYTES)).rejects.toMatchObject({
      code: "E_JSON_MESSAGE",
      message: "decoding JSON: a message that is too long",
    });
  });

  it("refuses a message of more lines than anybody writes", async () => {
    await expect(readJsonMessage(reading("\n".repeat(10_001)), 1_000_000)).rejects.toMatchObject({
      message: "decoding JSON: a message that is too long",
    });
  });

  it("says that the connection ended in the middle", async () => {
    await expect(readJsonMessage(reading('{"a":'), LIMIT_BYTES)).rejects.toMatchObject({
      code: "E_STREAM_ENDED",
    });
  });
});
