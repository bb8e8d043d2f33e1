import { expect, test } from "vitest";
import { chooseHostname } from "../../../src/network/hostname.ts";

test.each([
  ["host7", undefined, "host7", ['set hostname="host7" from DHCP HostName option']],
  ["Host-A1", "kernel", "host-a1", ['set hostname="host-a1" from DHCP HostName option']],
  ["host7.example.com", undefined, "host7", ['set hostname="host7" from DHCP HostName option']],
  [undefined, "kernelhost", "kernelhost", ['set hostname="kernelhost" from hostname= kernel cmdline']],
  [
    "no spaces",
    "kernelhost",
    "kernelhost",
    [
      "ignoring invalid DHCP HostName option: no spaces",
      'set hostname="kernelhost" from hostname= kernel cmdline',
    ],
  ],
  ["a\nb", undefined, undefined, ["ignoring invalid DHCP HostName option: a\\nb"]],
  [undefined, "", undefined, ["ignoring invalid hostname= from kernel cmdline: "]],
  ["x".repeat(64), undefined, undefined, [`ignoring invalid DHCP HostName option: ${"x".repeat(64)}`]],
  [undefined, undefined, undefined, []],
])("option 12 %j and kernel parameter %j give %j", (option, parameter, name, notes) => {
  expect(chooseHostname(option, parameter)).toEqual({ name, notes });
});

test("the name in ip= is the last choice", () => {
  expect(chooseHostname(undefined, undefined, "Web1.example")).toEqual({
    name: "web1",
    notes: ['set hostname="web1" from ip= kernel cmdline'],
  });
  expect(chooseHostname(undefined, "kernelhost", "web1").name).toBe("kernelhost");
  expect(chooseHostname(undefined, undefined, "a b").notes).toEqual([
    "ignoring invalid host name in ip= from kernel cmdline: a b",
  ]);
});
