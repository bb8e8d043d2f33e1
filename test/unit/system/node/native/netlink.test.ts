import { describe, expect, it } from "vitest";
import {
  checkAcknowledgement,
  encodeNewVlan,
  encodeReplaceRoute,
} from "../../../../../src/system/node/native/netlink.ts";

/** Recorded from `ip` of iproute2 6.1 by strace; only the sequence number (bytes 8 to 11) is ours. */
const RECORDED = {
  vlan: `4c00000010000506 01000000 00000000 00000000000000000000000000000000
    0800050003000000 0900030076612e3500000000 18001200 08000100766c616e 0c00020006000100 05000000`,
  route: `3400000018000505 01000000 00000000 02190000fe03000100000000
    08000100c6336400 08000500c0000201 0800040003000000`,
  linkRoute: `2c00000018000505 01000000 00000000 02200000fe03fd0100000000 08000100cb007101 0800040003000000`,
  /** Answers of the kernel. */
  success: "2400000002000001 01000000 e3110000 00000000 3400000018000505 01000000 00000000",
  unknownType: `7800000002000002 01000000 de110000 a1ffffff
    4c00000010000506 01000000 00000000 00000000000000000000000000000000
    0800050003000000 0900030076612e3500000000 18001200 08000100766c616e 0c00020006000100 05000000
    18000100 556e6b6e6f776e206465766963652074797065 00`,
  badGateway: `6800000002000002 01000000 ed110000 9bffffff
    3400000018000505 01000000 00000000 02180000fe03000100000000
    08000100c6336400 08000500cb007201 0800040003000000
    20000100 4e657874686f702068617320696e76616c6964206761746577617900`,
} as const;

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s/g, ""), "hex");
const address = (text: string): Uint8Array => Uint8Array.from(text.split("."), Number);

it("asks for a VLAN interface as `ip link add link va name va.5 type vlan id 5` does", () => {
  expect(encodeNewVlan({ name: "va.5", parentIndex: 3, vlanId: 5 })).toEqual(bytes(RECORDED.vlan));
});

it("asks for a route as `ip route replace 198.51.100.0/25 via 192.0.2.1 dev va` does", () => {
  const route = { destination: address("198.51.100.0"), prefixLength: 25, gateway: address("192.0.2.1") };
  expect(encodeReplaceRoute({ ...route, interfaceIndex: 3 })).toEqual(bytes(RECORDED.route));
});

it("asks for a route without gateway as `ip route replace 203.0.113.1/32 dev va` does", () => {
  const route = { destination: address("203.0.113.1"), prefixLength: 32, gateway: undefined };
  expect(encodeReplaceRoute({ ...route, interfaceIndex: 3 })).toEqual(bytes(RECORDED.linkRoute));
});

describe("checkAcknowledgement", () => {
  it("accepts a success", () => {
    expect(() => checkAcknowledgement(bytes(RECORDED.success), "va")).not.toThrow();
  });

  it.each([
    ["unknownType", "ENOTSUP", "Unknown device type"],
    ["badGateway", "ENETUNREACH", "Nexthop has invalid gateway"],
  ] as const)("reports %s with the kernel's own words", (name, code, words) => {
    expect(() => checkAcknowledgement(bytes(RECORDED[name]), "va.5")).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringMatching(`rtnetlink 'va.5': ${words}`) as string,
      }) as Error,
    );
  });

  it("refuses what is no answer to the request", () => {
    const foreign = bytes(RECORDED.success);
    foreign.writeUInt32LE(2, 8);
    for (const answer of [Buffer.alloc(0), bytes(RECORDED.vlan), foreign])
      expect(() => checkAcknowledgement(answer, "va")).toThrow(/EPROTO/);
  });

  it("survives every cut and every changed byte of an answer", () => {
    const answer = bytes(RECORDED.badGateway);
    for (let position = 0; position < answer.length; position++) {
      for (const value of [0, 1, 3, 0xff]) {
        const changed = Buffer.from(answer);
        changed[position] = value;
        for (const variant of [changed, answer.subarray(0, position)]) {
          try {
            checkAcknowledgement(variant, "va");
          } catch (error) {
            expect(error).toHaveProperty("syscall", "rtnetlink");
          }
        }
      }
    }
  });
});
