import { expect, test } from "vitest";
import { parseDomainSearch } from "../../../../src/network/dhcp/domain-search.ts";

/** DNS encoding: strings are labels, numbers are bytes as they are. */
function encode(...parts: readonly (string | number)[]): Buffer {
  return Buffer.concat(
    parts.map((part) =>
      typeof part === "number" ? Buffer.of(part) : Buffer.concat([Buffer.of(part.length), Buffer.from(part)]),
    ),
  );
}

test("names that share their ends (RFC 3397 section 2)", () => {
  // eng.apple.com. marketing.apple.com. — "apple.com" is at offset 4.
  const value = encode("eng", "apple", "com", 0, "marketing", 0xc0, 4);
  expect(parseDomainSearch(value)).toEqual(["eng.apple.com", "marketing.apple.com"]);
});

test("a pointer to a name that ends with a pointer", () => {
  const value = encode("com", 0, "a", 0xc0, 0, "b", 0xc0, 5);
  expect(parseDomainSearch(value)).toEqual(["com", "a.com", "b.a.com"]);
});

test.each([
  ["a pointer to itself", encode("good", 0, 0xc0, 6)],
  ["a pointer forward", encode("good", 0, 0xc0, 9, "x", 0)],
  ["two names that point at each other", encode("good", 0, "a", 0xc0, 10, "b", 0xc0, 6)],
  ["a label that runs past the end", encode("good", 0, 60, "x")],
  ["a name without an end", encode("good", 0, "unfinished")],
  ["half a pointer", encode("good", 0, "a", 0xc0)],
  ["the root", encode("good", 0, 0)],
  ["a name with a line break", encode("good", 0, "a\nnameserver 6.6.6.6", 0)],
  ["a name that begins with a dash", encode("good", 0, "-x", 0)],
])("%s ends the list", (_what, value) => {
  expect(parseDomainSearch(value)).toEqual(["good"]);
});

test("a name of 253 characters is taken, a longer one is not", () => {
  const label = "x".repeat(62);
  const longest = encode(label, label, label, label, "z", 0);
  expect(parseDomainSearch(longest)[0]).toHaveLength(253);
  expect(parseDomainSearch(encode(label, label, label, label, "zz", 0))).toEqual([]);
});

test("32 names are enough", () => {
  const value = encode("a", 0, ...Array.from({ length: 99 }, () => [0xc0, 0]).flat());
  expect(parseDomainSearch(value)).toHaveLength(32);
});
