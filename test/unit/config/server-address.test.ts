import { describe, expect, test } from "vitest";
import { parseServerAddress } from "../../../src/config/server-address.ts";

test.each([
  ["images.example.com:6971", { host: "images.example.com", port: 6971 }],
  ["10.0.0.1:1", { host: "10.0.0.1", port: 1 }],
  ["[2001:db8::1]:6971", { host: "2001:db8::1", port: 6971 }],
])("%s", (text, expected) => expect(parseServerAddress("imageserver", text)).toEqual(expected));

describe("refuses", () => {
  test.each([
    ["images", 'imageserver: "images" has no port'],
    ["", 'imageserver: "" has no port'],
    ["images:", 'imageserver: "images:" is not HOST:PORT'],
    ["images:0", 'imageserver: "images:0" is not HOST:PORT'],
    ["images:65536", 'imageserver: "images:65536" is not HOST:PORT'],
    ["2001:db8::1:6971", 'imageserver: "2001:db8::1:6971" is not HOST:PORT'],
    ["a b:1", 'imageserver: "a b:1" is not HOST:PORT'],
  ])("%j", (text, message) => {
    expect(() => parseServerAddress("imageserver", text)).toThrow(
      expect.objectContaining({ code: "E_CONFIG_VALUE", message }) as Error,
    );
  });
});
