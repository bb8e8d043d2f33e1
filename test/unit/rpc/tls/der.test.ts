import { describe, expect, it } from "vitest";
import {
  type DerElement,
  parseChildren,
  parseDer,
  parseDerString,
  parseObjectIdentifier,
  TAG,
} from "../../../../src/rpc/tls/der.ts";

function element(hex: string): DerElement {
  return parseDer(Buffer.from(hex, "hex"), "test");
}

const malformed = expect.objectContaining({ code: "E_CERTIFICATE_MALFORMED" });

describe("parseDer", () => {
  it.each([
    ["0500", 0x05, 0],
    ["0c0161", 0x0c, 1],
    [`048180${"00".repeat(128)}`, 0x04, 128],
    [`04820100${"00".repeat(256)}`, 0x04, 256],
  ])("parses %s", (hex, tag, length) => {
    expect(element(hex)).toMatchObject({ tag, content: { length } });
  });

  it.each([
    ["nothing", ""],
    ["a tag alone", "30"],
    ["missing content", "3001"],
    ["a missing length octet", "0482"],
    ["an indefinite length", "30800000"],
    ["a long form of a short length", "04810100"],
    ["a padded length", `0482008${"0".repeat(257)}`],
    ["an enormous length", "0484ffffffff"],
    ["a length of five octets", "04850000000001"],
    ["a long tag", "1f0100"],
    ["trailing bytes", "050000"],
  ])("refuses %s", (_, hex) => {
    expect(() => element(hex)).toThrow(malformed);
  });
});

describe("parseChildren", () => {
  it("splits a sequence", () => {
    const children = parseChildren(element("30060c01610c0162"), TAG.sequence, "test");
    expect(children.map(({ content }) => Buffer.from(content).toString())).toEqual(["a", "b"]);
  });

  it.each(["31030c0161", "30020c01"])("refuses %s", (hex) => {
    expect(() => parseChildren(element(hex), TAG.sequence, "test")).toThrow(malformed);
  });
});

describe("parseObjectIdentifier", () => {
  it.each([
    ["060a2b06010401ca72640701", "1.3.6.1.4.1.9586.100.7.1"],
    ["0603550403", "2.5.4.3"],
    ["060100", "0.0"],
    ["06028837", "2.999"],
  ])("reads %s", (hex, dotted) => {
    expect(parseObjectIdentifier(element(hex), "test")).toBe(dotted);
  });

  it.each([
    ["no content", "0600"],
    ["an arc that does not end", "060155".replace("55", "80")],
    ["a padded arc", "0603558001"],
    ["an enormous arc", `0620${"ff".repeat(31)}7f`],
    ["another type", "0401ff"],
  ])("refuses %s", (_, hex) => {
    expect(() => parseObjectIdentifier(element(hex), "test")).toThrow(malformed);
  });
});

describe("parseDerString", () => {
  it.each([
    ["UTF8String", "0c03e29883", "☃"],
    ["PrintableString", "1303412e2a", "A.*"],
    ["PrintableString with an ampersand", "130126", "&"],
    ["IA5String", "1602405f", "@_"],
    ["NumericString", "12033120 32".replace(" ", ""), "1 2"],
    ["T61String", "1402c3a9", "é"],
    ["GeneralString", "1b0141", "A"],
    ["BMPString", "1e0600c4002e0042", "Ä.B"],
    ["BMPString with its terminator", "1e0400410000", "A"],
    ["BMPString with half a pair", "1e02d800", "\ufffd"],
  ])("reads a %s", (_, hex, text) => {
    expect(parseDerString(element(hex), "test")).toBe(text);
  });

  it.each([
    ["broken UTF-8", "0c01ff"],
    ["an underscore in a PrintableString", "13015f"],
    ["8 bits in an IA5String", "160180"],
    ["a letter in a NumericString", "120141"],
    ["half a character of a BMPString", "1e0100"],
    ["a VisibleString", "1a0141"],
    ["a UniversalString", "1c0400000041"],
    ["an OCTET STRING", "040141"],
    ["a constructed string", "2c030c0141"],
  ])("refuses %s", (_, hex) => {
    expect(() => parseDerString(element(hex), "test")).toThrow(malformed);
  });
});
