import { describe, expect, test } from "vitest";
import { encodeDhcpFrame, parseDhcpFrame } from "../../../../src/network/dhcp/frame.ts";
import { makeServerFrame, type ServerFrame } from "./server-frame.ts";

const message = Buffer.from("a message of an odd length.");

describe("the message in an answer is found", () => {
  test.each<[string, Partial<ServerFrame>]>([
    ["to an address that this machine does not have", {}],
    ["to everybody", { destination: [255, 255, 255, 255] }],
    ["without a UDP checksum", { checksum: "absent" }],
    ["with a checksum that a network card should have finished", { checksum: "begun" }],
    ["with padding of the link", { padding: Buffer.alloc(20, 0xaa) }],
    ["with IP options", { ipOptions: Buffer.from([1, 1, 1, 0]) }],
  ])("%s", (_what, change) => {
    expect(parseDhcpFrame(makeServerFrame({ message, ...change }))).toEqual(message);
  });

  test.each([0, 1, 2, 3, 1471, 1472])("of %i bytes", (length) => {
    const content = Buffer.alloc(length, 0xfe);
    expect(parseDhcpFrame(makeServerFrame({ message: content }))).toEqual(content);
  });
});

describe("nothing is found in", () => {
  test.each<[string, Partial<ServerFrame>]>([
    ["a packet with a wrong UDP checksum", { checksum: "wrong" }],
    ["a packet to another port", { ports: [67, 69] }],
    ["a packet from another port", { ports: [68, 68] }],
    ["a first fragment", { fragment: 0x2000 }],
    ["a later fragment", { fragment: 0x0010 }],
    ["a TCP segment", { protocol: 6 }],
  ])("%s", (_what, change) => {
    expect(parseDhcpFrame(makeServerFrame({ message, ...change }))).toBeUndefined();
  });

  test("a packet with a wrong header checksum", () => {
    const frame = makeServerFrame({ message });
    frame.writeUInt8(63, 8);
    expect(parseDhcpFrame(frame)).toBeUndefined();
  });

  test("an IPv6 packet", () => {
    const frame = makeServerFrame({ message });
    frame.writeUInt8(0x65, 0);
    expect(parseDhcpFrame(frame)).toBeUndefined();
  });

  test("a packet that was cut short, wherever", () => {
    const frame = makeServerFrame({ message });
    for (let length = 0; length < frame.length; length++)
      expect(parseDhcpFrame(frame.subarray(0, length))).toBeUndefined();
  });
});

test("what is sent is what the original sends, with a UDP checksum", () => {
  const frame = encodeDhcpFrame(Buffer.from([1, 2, 3]));
  // 0x45, length 31, TTL 16, UDP, 0.0.0.0 to 255.255.255.255, 68 to 67; the checksums are not from our own code.
  expect(frame.toString("hex")).toBe("4500001f000000001011aacf00000000ffffffff00440043000bfb4f010203");
});
