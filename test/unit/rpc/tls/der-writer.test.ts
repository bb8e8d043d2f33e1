import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDer, parseObjectIdentifier } from "../../../../src/rpc/tls/der.ts";
import { encodeDer, encodeObjectIdentifier } from "../../../../src/rpc/tls/der-writer.ts";

describe("encodeDer", () => {
  it.each([0, 1, 127, 128, 255, 256, 65_535, 65_536])("is read back with %d bytes", (length) => {
    const element = parseDer(encodeDer(0x04, Buffer.alloc(length, 7)), "test");
    expect(element.tag).toBe(0x04);
    expect(Buffer.from(element.content).equals(Buffer.alloc(length, 7))).toBe(true);
  });
});

describe("encodeObjectIdentifier", () => {
  it("is read back", () => {
    const arcs = fc.tuple(fc.constantFrom(0, 1), fc.nat(39), fc.array(fc.nat(2 ** 31 - 1)));
    fc.assert(
      fc.property(arcs, ([first, second, rest]) => {
        const dotted = [first, second, ...rest].join(".");
        expect(parseObjectIdentifier(parseDer(encodeObjectIdentifier(dotted), "test"), "test")).toBe(dotted);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it("writes the arc of the original", () => {
    expect(encodeObjectIdentifier("1.3.6.1.4.1.9586.100.7.1").toString("hex")).toBe(
      "060a2b06010401ca72640701",
    );
  });
});
