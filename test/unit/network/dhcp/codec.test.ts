import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasCode } from "../../../../src/core/errors.ts";
import { type DhcpMessage, encodeDhcpMessage, parseDhcpMessage } from "../../../../src/network/dhcp/codec.ts";

const MESSAGE: DhcpMessage = {
  operation: 2,
  hardwareType: 1,
  hardwareAddress: Buffer.from("deadbeef0000", "hex"),
  transactionId: 0x12345678,
  elapsedSeconds: 7,
  broadcast: true,
  clientAddress: "0.0.0.0",
  yourAddress: "10.1.2.3",
  nextServer: "10.1.2.1",
  relayAddress: "10.9.9.9",
  options: new Map([
    [53, Buffer.of(5)],
    [54, Buffer.of(10, 1, 2, 1)],
  ]),
};

/** A message with these bytes in its options field and, for overload, in `file` and `sname`. */
function withOptions(
  options: readonly number[],
  file: readonly number[] = [],
  sname: readonly number[] = [],
): Buffer {
  const packet = Buffer.concat([
    encodeDhcpMessage({ ...MESSAGE, options: new Map() }).subarray(0, 240),
    Buffer.from(options),
  ]);
  packet.set(file, 108);
  packet.set(sname, 44);
  return packet;
}

test("what is written is read again", () => {
  expect(parseDhcpMessage(encodeDhcpMessage(MESSAGE))).toEqual(MESSAGE);
});

test("messages are long enough for every relay", () => {
  expect(encodeDhcpMessage(MESSAGE)).toHaveLength(300);
});

test("a long value is split (RFC 3396) and joined again", () => {
  const value = Buffer.alloc(600, "x");
  const encoded = encodeDhcpMessage({ ...MESSAGE, options: new Map([[15, value]]) });
  expect([encoded[241], encoded[498], encoded[755]]).toEqual([255, 255, 90]);
  expect(parseDhcpMessage(encoded).options.get(15)).toEqual(value);
});

test("pieces are joined in the order options, file, sname", () => {
  const packet = withOptions([52, 1, 3, 15, 1, 0x61, 255], [15, 1, 0x62, 255], [0, 15, 1, 0x63, 255]);
  expect(parseDhcpMessage(packet).options.get(15)?.toString()).toBe("abc");
});

test("file and sname are options only when option 52 says so", () => {
  const packet = withOptions([52, 1, 1, 255], [12, 1, 0x66, 255], [12, 1, 0x73, 255]);
  expect(parseDhcpMessage(packet).options.get(12)?.toString()).toBe("f");
});

test("a missing end option is forgiven", () => {
  expect(parseDhcpMessage(withOptions([53, 1, 5])).options.get(53)).toEqual(Buffer.of(5));
});

describe("refuses with E_DHCP_PACKET", () => {
  const good = encodeDhcpMessage(MESSAGE);
  const wrongCookie = Buffer.from(good);
  wrongCookie[236] = 0;
  const longHardwareAddress = Buffer.from(good);
  longHardwareAddress[2] = 17;
  test.each([
    ["an empty message", Buffer.alloc(0)],
    ["a message without options field", good.subarray(0, 239)],
    ["another cookie", wrongCookie],
    ["a hardware address of 17 bytes", longHardwareAddress],
    ["an option without length", withOptions([53])],
    ["an option that runs past the end", withOptions([53, 2, 5])],
    [
      "an option that runs past the file field",
      withOptions([52, 1, 1, 255], [...Array.from({ length: 127 }, () => 0), 15]),
    ],
    ["more than a datagram", Buffer.alloc(70_000)],
  ])("%s", (_what, packet) => {
    expect(() => parseDhcpMessage(packet)).toThrow(
      expect.objectContaining({ code: "E_DHCP_PACKET" }) as Error,
    );
  });
});

test("random bytes are read or refused, nothing else", () => {
  const options = fc.uint8Array({ maxLength: 200 });
  const header = fc.uint8Array({ minLength: 236, maxLength: 236 });
  fc.assert(
    fc.property(header, options, (start, rest) => {
      const packet = Buffer.concat([start, Buffer.of(0x63, 0x82, 0x53, 0x63), rest]);
      try {
        parseDhcpMessage(packet);
      } catch (error) {
        if (!hasCode(error, "E_DHCP_PACKET")) throw error;
      }
    }),
    { seed: 2, numRuns: 500 },
  );
});

test("any options survive", () => {
  const entry = fc.tuple(
    fc.integer({ min: 1, max: 254 }).filter((code) => code !== 52),
    fc.uint8Array({ maxLength: 700 }),
  );
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 8 }), (entries) => {
      const options = new Map(entries.map(([code, value]) => [code, Buffer.from(value)]));
      expect(parseDhcpMessage(encodeDhcpMessage({ ...MESSAGE, options })).options).toEqual(options);
    }),
    { seed: 3, numRuns: 200 },
  );
});
