import { expect, test } from "vitest";
import { checkMachineConfig } from "../../../src/config/machine-config.ts";

const valuesOf = (text: string): ReadonlyMap<string, readonly [unknown, unknown]> =>
  new Map(checkMachineConfig("c", text).values.map(({ key, value, position }) => [key, [value, position]]));

test("a value has its place, in the documentation's spelling whatever that of the file", () => {
  const values = valuesOf(
    '{\n  "machine": {"HOSTNAME": "h", "Tags": {"a.b": "c"}, "MemoryInMiB": 18446744073709551615}\n}',
  );
  expect(values.get("Machine.Hostname")).toEqual(["h", { line: 2, column: 27 }]);
  expect(values.get("Machine.Tags.a.b")).toEqual(["c", { line: 2, column: 48 }]);
  expect(values.get("Machine.MemoryInMiB")?.[0]).toBe("18446744073709551615");
});

test("of a key that comes twice the last that is not null counts", () => {
  const values = valuesOf('{"Machine": {"Hostname": "a", "hostname": "b", "HostName": null}}');
  expect(values.get("Machine.Hostname")).toEqual(["b", { line: 1, column: 43 }]);
});

test("what is not in the file is its default, also inside what is not there", () => {
  const values = valuesOf("{}");
  expect(values.get("Machine.VlanTrunk")).toEqual([false, undefined]);
  expect(values.get("Subnets")).toEqual([[], undefined]);
  expect(values.has("Machine.HostIpAddress")).toBe(false);
  expect(values.has("Machine.IPMI.Hostname")).toBe(false);
});

test("elements of arrays have defaults of their own", () => {
  const values = valuesOf('{"Subnets": [{"Id": "x"}, {"VlanId": 7}]}');
  expect(values.get("Subnets[0].VlanId")).toEqual([0, undefined]);
  expect(values.get("Subnets[1].VlanId")).toEqual([7, { line: 1, column: 38 }]);
});

test("a file that is not JSON has no values", () => expect(valuesOf("{").size).toBe(0));
