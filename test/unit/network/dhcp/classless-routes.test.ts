import { expect, test } from "vitest";
import { parseClasslessRoutes } from "../../../../src/network/dhcp/classless-routes.ts";

test("the examples of RFC 3442, and routes without a gateway", () => {
  const value = Buffer.concat([
    Buffer.of(0, 10, 0, 0, 1),
    Buffer.of(8, 10, 10, 0, 0, 2),
    Buffer.of(25, 10, 17, 0, 129, 10, 0, 0, 3),
    Buffer.of(32, 10, 1, 2, 3, 0, 0, 0, 0),
  ]);
  expect(parseClasslessRoutes(value)).toEqual([
    { destination: "0.0.0.0", prefixLength: 0, gateway: "10.0.0.1" },
    { destination: "10.0.0.0", prefixLength: 8, gateway: "10.0.0.2" },
    // The bit beyond the prefix is gone.
    { destination: "10.17.0.128", prefixLength: 25, gateway: "10.0.0.3" },
    { destination: "10.1.2.3", prefixLength: 32, gateway: "0.0.0.0" },
  ]);
});

test("an empty value has no routes", () => {
  expect(parseClasslessRoutes(Buffer.alloc(0))).toEqual([]);
});

test.each([
  ["a prefix of 33 bits", Buffer.from([33, 10, 0, 0, 0, 0, 10, 0, 0, 1])],
  ["a gateway of three bytes", Buffer.from([8, 10, 10, 0, 0])],
  ["65 routes", Buffer.alloc(65 * 5)],
])("%s makes the whole option unusable", (_what, value) => {
  expect(parseClasslessRoutes(value)).toBeUndefined();
});
