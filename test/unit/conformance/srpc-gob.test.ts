import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { encodeGob } from "../../../src/rpc/gob/encoder.ts";
import {
  bool,
  int64,
  map,
  objectId,
  slice,
  struct,
  text,
  time,
  uint32,
} from "../../../src/rpc/gob/schema.ts";
import { PlainGobDecoder } from "../../conformance/srpc-gob.ts";
import { CountingReader } from "../../conformance/srpc-stream.ts";
import { idOf } from "../../support/image-trees.ts";

const VECTORS = join(import.meta.dirname, "../../vectors");

async function decode(bytes: Uint8Array) {
  return new PlainGobDecoder(CountingReader.of(bytes)).decode();
}

const everything = struct("Everything", {
  Flag: bool,
  Number: uint32,
  Signed: int64,
  Text: text,
  Texts: slice(text),
  Counts: map(text, uint32),
  When: time,
  Hash: objectId,
});

describe("a gob stream, read by what it says of itself", () => {
  const value = {
    Flag: true,
    Number: 300,
    Signed: -129n,
    Text: "é",
    Texts: ["a", "b"],
    Counts: new Map([
      ["z", 1],
      ["a", 2],
    ]),
    When: { seconds: 1n, nanoseconds: 5, offsetSeconds: 3600 },
    Hash: idOf("x"),
  };

  it("gives values by field name, maps in the order of their keys and times without their zone", async () => {
    expect((await decode(encodeGob(everything, value))).value).toEqual({
      Flag: true,
      Number: "300",
      Signed: "-129",
      Text: Buffer.from("é").toString("latin1"),
      Texts: ["a", "b"],
      Counts: [
        ["a", "2"],
        ["z", "1"],
      ],
      When: "62135596801.5",
      Hash: idOf("x"),
    });
  });

  it("gives the types of all fields, sent or not", async () => {
    const { shape } = await decode(encodeGob(everything, { ...value, Flag: false }));
    expect(shape).toEqual({
      fields: {
        Flag: "bool",
        Number: "uint",
        Signed: "int",
        Text: "string",
        Texts: { list: "string" },
        Counts: { key: "string", element: "uint" },
        When: "Time",
        Hash: { list: "uint", length: 64 },
      },
    });
  });

  it("follows interfaces whose types are defined in the middle of the value", async () => {
    const stream = readFileSync(join(VECTORS, "image/from-tar/reply.gob"));
    const { concrete, value: reply } = await decode(stream);
    expect(Object.keys(concrete).toSorted()).toEqual([
      "*filesystem.DirectoryInode",
      "*filesystem.RegularInode",
      "*filesystem.SpecialInode",
      "*filesystem.SymlinkInode",
    ]);
    expect(JSON.stringify(reply)).toContain(idOf("same\n"));
  });

  it.each(readdirSync(join(VECTORS, "gob")).filter((name) => /^msg-.*\.gob$/.test(name)))(
    "%s, as a real server or client sent it, is read to its last byte",
    async (name) => {
      const reader = CountingReader.of(readFileSync(join(VECTORS, "gob", name)));
      const decoder = new PlainGobDecoder(reader);
      while (!(await reader.atEnd())) {
        const { shape, value: message } = await decoder.decode();
        expect([typeof shape, typeof message]).toEqual(["object", "object"]);
      }
    },
  );

  it.each([
    ["cut", "34", /missing|ended|wait/],
    ["of an undefined type", "03ff8000", /undefined/],
    ["with bytes behind the value", "0406000107", /behind/],
  ])("%s is refused", async (_what, hex, why) => {
    await expect(decode(Buffer.from(hex, "hex"))).rejects.toThrow(why);
  });
});
